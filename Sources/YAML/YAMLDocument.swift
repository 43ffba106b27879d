/// How much a YAML text may hold, so that hostile input costs bounded time and memory.
public struct YAMLLimits: Sendable {
    /// Bytes of text.
    public var bytes: Int
    /// Nested sequences and mappings.
    public var depth: Int
    /// Nodes after every alias is replaced by what it stands for.
    public var nodes: Int

    /// Limits that no file written by a person reaches.
    public init(bytes: Int = 32 << 20, depth: Int = 64, nodes: Int = 4_000_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }
}

/// Reads YAML texts.
public enum YAMLDocument {
    /// The root nodes of all documents of a text, in order.
    ///
    /// `file` names the text in errors. A text without any document gives an empty array. Duplicate keys, keys that
    /// are not scalars, unknown aliases and anything beyond `limits` are errors.
    public static func parseAll(
        _ bytes: [UInt8],
        file: String,
        limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLNode] {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(
                at: YAMLLocation(file: file, line: 1, column: 1),
                "the text has \(bytes.count) bytes",
                expected: "at most \(limits.bytes)"
            )
        }
        var events = try YAMLEvents(bytes, file: file)
        var builder = YAMLTreeBuilder(file: file, limits: limits)
        while let event = try events.next() {
            try builder.add(event)
        }
        return builder.documents
    }

    /// The root of a text that must hold at most one document; `nil` where it holds none.
    public static func parse(
        _ bytes: [UInt8],
        file: String,
        limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode? {
        let documents = try parseAll(bytes, file: file, limits: limits)
        if documents.count > 1 {
            throw documents[1].error("a second document starts here", expected: "one document in the file")
        }
        return documents.first
    }
}
