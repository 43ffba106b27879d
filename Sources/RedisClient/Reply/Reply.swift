/// One element of a `ReplyTape`: a whole reply, or something inside one.
public struct Reply: Sendable {
    private let tape: ReplyTape
    private let index: Int

    init(tape: ReplyTape, index: Int) {
        self.tape = tape
        self.index = index
    }

    private var element: ReplyTape.Element {
        tape.elements[index]
    }

    /// What the element is.
    public var kind: ReplyKind {
        element.kind
    }

    /// The number of elements of an array, else zero.
    public var count: Int {
        kind == .array ? Int(element.second) : 0
    }

    /// Calls `body` with the bytes of a string, status or error; with none for anything else.
    public func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(tape.bytes.span.extracting(byteRange))
    }

    /// The text of a string, status or error; bytes that are not UTF-8 are replaced.
    ///
    /// Empty for anything else.
    public var text: String {
        String(decoding: tape.bytes[byteRange], as: UTF8.self)
    }

    /// The value of an integer, or of a string that is a decimal integer.
    public var integer: Int64? {
        switch kind {
        case .integer:
            element.integer
        case .string, .status:
            Int64(text)
        case .error, .null, .array:
            nil
        }
    }

    /// The text of an error reply, `nil` for any other reply.
    public var errorText: String? {
        kind == .error ? text : nil
    }

    /// The elements of an array in order; none for anything else.
    public var elements: ReplyElements {
        ReplyElements(tape: tape, first: index + 1, count: count)
    }

    private var byteRange: Range<Int> {
        switch kind {
        case .string, .status, .error:
            Int(element.first)..<(Int(element.first) + Int(element.second))
        case .integer, .null, .array:
            0..<0
        }
    }
}

/// The elements of an array reply.
///
/// Walk it in order; it has no constant-time access by position.
public struct ReplyElements: Sequence, IteratorProtocol, Sendable {
    private let tape: ReplyTape
    private var index: Int
    private var remaining: Int

    init(tape: ReplyTape, first: Int, count: Int) {
        self.tape = tape
        index = first
        remaining = count
    }

    /// The next element, `nil` behind the last.
    public mutating func next() -> Reply? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        defer { index = Int(tape.elements[index].next) }
        return Reply(tape: tape, index: index)
    }

    /// The next element, if it is an integer or its text one; `nil` behind the last and before anything else.
    ///
    /// For long lists of numbers: there is no reply to count references of.
    public mutating func nextInteger() -> Int64? {
        guard remaining > 0 else { return nil }
        let element = tape.elements[index]
        guard let value = element.kind == .integer ? element.integer : Reply(tape: tape, index: index).integer else {
            return nil
        }
        remaining -= 1
        index = Int(element.next)
        return value
    }
}
