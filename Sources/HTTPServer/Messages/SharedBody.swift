import Synchronization

/// A body that many are sent: it is compressed once, for the first who likes it so.
public final class SharedBody: Sendable {
    /// The body as it is.
    public let bytes: [UInt8]
    /// Compressed; `nil` before anybody wanted that.
    private let gzip = Mutex<[UInt8]?>(nil)

    /// Keeps a body.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The body compressed; `nil` where there is no memory for that.
    ///
    /// Whoever comes while it is made waits: two would take twice as long.
    var compressed: [UInt8]? {
        gzip.withLock { gzip in
            if let gzip { return gzip }
            gzip = GzipEncoder.compress(bytes)
            return gzip
        }
    }
}

extension HTTPResponse {
    /// The same response, to be given to many.
    public var shared: HTTPResponse {
        guard case .bytes(let bytes) = body else { return self }
        return HTTPResponse(status, headers: headers, body: .shared(SharedBody(bytes)))
    }
}
