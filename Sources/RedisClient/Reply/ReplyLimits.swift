/// How much a server may answer before its connection is given up.
///
/// Each limit is checked before memory is taken for what would exceed it.
public struct ReplyLimits: Sendable, Hashable {
    /// Bytes of all replies of one pipeline, the incomplete one included.
    public var bytes = 32 << 20
    /// Elements of all replies of one pipeline; one of them takes 16 bytes.
    public var elements = 1 << 20
    /// Elements of one array.
    public var arrayElements = 1 << 20
    /// Arrays within arrays, the outermost counted.
    ///
    /// hiredis 0.14 has a limit of its own at 8.
    public var nesting = 8
    /// Bytes of one line: a status, an error, an integer or the length of a string.
    public var lineBytes = 64 << 10

    /// The limits for a server that is polled.
    public init() {}
}
