/// How long to wait before something is tried again.
public struct Backoff: Sendable, Equatable {
    /// Before the second attempt, milliseconds.
    public var first: Int64
    /// At most, milliseconds.
    public var longest: Int64

    /// Waits that grow from the first to the longest.
    public init(first: Int64 = 1000, longest: Int64 = 60_000) {
        self.first = first
        self.longest = longest
    }

    /// The wait after so many failed attempts: doubled each time, and spread over its upper half so that not all
    /// are made at the same moment; `random` is from 0 to 1.
    public func wait(failures: Int, random: Double) -> Int64 {
        var doubled = first
        for _ in 0..<max(0, failures - 1) where doubled < longest { doubled = doubled.addingSaturating(doubled) }
        doubled = min(doubled, longest)
        return doubled / 2 + Int64(Double(doubled / 2) * min(max(random, 0), 1))
    }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
