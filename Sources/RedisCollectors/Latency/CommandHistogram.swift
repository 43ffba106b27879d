import RedisClient

/// The histogram of one command, with a count for every bound.
struct CommandHistogram: Sendable {
    /// The upper bounds the server can send, in microseconds, from 1 to 1,082,130.
    ///
    /// It walks its histogram by powers of two of nanoseconds from 2¹⁰ to a second, and reports the largest value that
    /// falls together with each at two significant digits, which is seven binary ones
    /// (`fillCommandCDF` in Redis' `src/latency.c`).
    static let bounds: [Int64] = (10...30).map { power in
        ((1 << power) + (1 << (power - 7)) - 1) / 1000
    }

    /// Cumulative, one a bound.
    private(set) var counts = [Double](repeating: 0, count: Self.bounds.count)
    private(set) var calls = 0.0
    /// Buckets whose bound is none of ours: a new server that counts in another way.
    private(set) var unknownBounds = 0

    /// Reads `[calls, n, histogram_usec, [bound, count, …]]`; `false` where it is something else.
    mutating func read(_ reply: Reply) -> Bool {
        guard reply.kind == .array else { return false }
        calls = 0
        unknownBounds = 0
        var buckets: ReplyElements?
        var hasCalls = false
        var fields = reply.elements
        while let field = fields.next(), let value = fields.next() {
            if field.withBytes({ $0.equals("calls", in: $0.wholeRange) }), let number = value.integer {
                calls = Double(number)
                hasCalls = true
            } else if field.withBytes({ $0.equals("histogram_usec", in: $0.wholeRange) }), value.kind == .array {
                buckets = value.elements
            }
        }
        guard hasCalls, let buckets else { return false }
        return fill(buckets)
    }

    /// Counts are cumulative: a bound that is left out has the count of the one below.
    private mutating func fill(_ elements: ReplyElements) -> Bool {
        var elements = elements
        var position = 0
        var count = 0.0
        while let bound = elements.nextInteger() {
            guard let next = elements.nextInteger() else { return false }
            while position < Self.bounds.count, Self.bounds[position] < bound {
                counts[position] = count
                position += 1
            }
            count = Double(next)
            if position < Self.bounds.count, Self.bounds[position] == bound {
                counts[position] = count
                position += 1
            } else {
                unknownBounds += 1
            }
        }
        while position < Self.bounds.count {
            counts[position] = count
            position += 1
        }
        // What is left is no integer.
        return elements.next() == nil
    }
}
