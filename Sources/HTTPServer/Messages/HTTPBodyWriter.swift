/// Writes a streamed body.
public struct HTTPBodyWriter: ~Copyable {
    /// Pieces smaller than this wait for more, except those of an endless stream.
    private static let smallestPiece = 32 * 1_024

    private let connection: ConnectionLink
    private let endless: Bool
    private var encoder: GzipEncoder?
    private var waiting: [UInt8] = []

    init(connection: ConnectionLink, gzip: Bool, endless: Bool) {
        self.connection = connection
        self.endless = endless
        encoder = gzip ? GzipEncoder() : nil
    }

    /// Whether there is memory for what the response's header fields promise.
    var canCompress: Bool {
        if encoder != nil { true } else { false }
    }

    /// Writes bytes and waits while the client has not taken enough of what was written before.
    ///
    /// - Throws: ``HTTPServerError/connectionClosed`` when nobody reads any more, and for an endless stream
    ///   when the server shuts down.
    public mutating func write(_ bytes: [UInt8]) async throws(HTTPServerError) {
        if endless, Task.isCancelled { throw .connectionClosed }
        if encoder != nil {
            encoder?.compress(bytes, finish: false, into: &waiting)
        } else if waiting.isEmpty {
            waiting = bytes
        } else {
            waiting += bytes
        }
        if endless || waiting.count >= Self.smallestPiece { try await send() }
    }

    mutating func finish() async throws(HTTPServerError) {
        encoder?.compress([], finish: true, into: &waiting)
        try await send()
        try await connection.endStream()
    }

    private mutating func send() async throws(HTTPServerError) {
        guard !waiting.isEmpty else { return }
        var piece: [UInt8] = []
        swap(&piece, &waiting)
        try await connection.write(piece)
    }
}
