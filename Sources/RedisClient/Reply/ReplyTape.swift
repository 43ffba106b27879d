/// What one element of a reply is.
public enum ReplyKind: UInt8, Sendable {
    /// A bulk string or a verbatim string.
    case string
    /// A simple string such as `OK`.
    case status
    /// An error reply; its text starts with a code such as `NOPERM`.
    case error
    /// A 64-bit integer, or a RESP3 boolean as 0 or 1.
    case integer
    /// Nothing: a null bulk string or a null array.
    case null
    /// An array, a set or a push; a RESP3 map is an array of twice its size.
    case array
}

/// Replies as a flat list of elements beside one arena of bytes; no object per element.
///
/// Elements stand in the order in which they arrive, an array before what it holds.
public struct ReplyTape: Sendable {
    struct Element: Sendable, Equatable {
        let kind: ReplyKind
        /// Strings: where the bytes start.
        ///
        /// Integers: the low half.
        let first: UInt32
        /// Strings: how many bytes.
        ///
        /// Integers: the high half. Arrays: how many elements.
        let second: UInt32
        /// The index behind this element and all it holds.
        var next: UInt32

        /// The value of an integer.
        var integer: Int64 {
            Int64(bitPattern: UInt64(first) | UInt64(second) << 32)
        }
    }

    private(set) var elements: [Element] = []
    private(set) var bytes: [UInt8] = []
    private(set) var roots: [UInt32] = []

    /// An empty tape.
    public init() {}

    /// The number of complete replies.
    public var count: Int {
        roots.count
    }

    /// The bytes that the tape keeps on the heap.
    public var byteCount: Int {
        bytes.count + elements.count * MemoryLayout<Element>.stride
    }

    /// The reply at a position, in the order of the commands.
    public subscript(position: Int) -> Reply {
        Reply(tape: self, index: Int(roots[position]))
    }

    // MARK: Writing

    mutating func appendText(_ kind: ReplyKind, _ text: UnsafeRawBufferPointer) {
        let start = UInt32(truncatingIfNeeded: bytes.count)
        bytes.append(contentsOf: text)
        append(Element(kind: kind, first: start, second: UInt32(truncatingIfNeeded: text.count), next: 0))
    }

    mutating func appendInteger(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        append(
            Element(
                kind: .integer,
                first: UInt32(truncatingIfNeeded: bits),
                second: UInt32(truncatingIfNeeded: bits >> 32),
                next: 0
            )
        )
    }

    mutating func appendNull() {
        append(Element(kind: .null, first: 0, second: 0, next: 0))
    }

    mutating func appendArray(count: Int) {
        append(Element(kind: .array, first: 0, second: UInt32(truncatingIfNeeded: count), next: 0))
    }

    private mutating func append(_ element: Element) {
        var element = element
        element.next = UInt32(truncatingIfNeeded: elements.count + 1)
        elements.append(element)
    }

    /// Says that the elements since the last root are one complete reply.
    mutating func completeRoot(startingAt root: Int) {
        roots.append(UInt32(truncatingIfNeeded: root))
        // From the back, so that what an array holds knows its own end before the array asks.
        for index in stride(from: elements.count - 1, through: root, by: -1) where elements[index].kind == .array {
            var next = UInt32(truncatingIfNeeded: index + 1)
            for _ in 0..<elements[index].second {
                next = elements[Int(next)].next
            }
            elements[index].next = next
        }
    }

    /// How much a tape holds, to make room for the next one of its kind at once.
    struct Size: Sendable {
        var elements = 0
        var bytes = 0
        var roots = 0
    }

    var size: Size {
        Size(elements: elements.count, bytes: bytes.count, roots: roots.count)
    }

    mutating func reserve(_ size: Size) {
        elements.reserveCapacity(size.elements)
        bytes.reserveCapacity(size.bytes)
        roots.reserveCapacity(size.roots)
    }

    /// Hands over the complete replies and keeps the elements from `root` on, which belong to an incomplete one.
    mutating func takeComplete(before root: Int) -> ReplyTape {
        var rest = ReplyTape()
        if root < elements.count {
            let firstText = elements[root...].first { $0.kind.hasText }
            let start = firstText?.first ?? UInt32(truncatingIfNeeded: bytes.count)
            rest.bytes = Array(bytes[Int(start)...])
            rest.elements = elements[root...].map { element in
                Element(
                    kind: element.kind,
                    first: element.kind.hasText ? element.first - start : element.first,
                    second: element.second,
                    next: element.next - UInt32(truncatingIfNeeded: root)
                )
            }
            elements.removeSubrange(root...)
            bytes.removeSubrange(Int(start)...)
        }
        swap(&self, &rest)
        return rest
    }
}

extension ReplyKind {
    /// Whether bytes in the arena belong to it.
    fileprivate var hasText: Bool {
        switch self {
        case .string, .status, .error: true
        case .integer, .null, .array: false
        }
    }
}
