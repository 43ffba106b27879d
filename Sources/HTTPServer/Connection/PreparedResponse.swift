/// What of a request decides the form of its response.
struct Exchange: Sendable, Hashable {
    var isHead = false
    var isHTTP10 = false
    var keepsAlive = true
    var acceptsGzip = false
    /// Whether this answers something the server refused, whose rest may still be under way.
    var isRefusal = false
}

/// A response in the form in which it goes out: compressed where that pays, its framing chosen.
///
/// Made where the handler ran, so that compressing for a handler with a task of its own holds up no event loop.
struct PreparedResponse: Sendable {
    enum Content: Sendable {
        case bytes([UInt8])
        case stream(HTTPBodyProducer, gzip: Bool, endless: Bool)
    }

    var head: ResponseHead
    let content: Content

    init(_ response: HTTPResponse, for exchange: Exchange, smallestCompressedBody: Int) {
        head = ResponseHead(
            status: response.status, headers: response.headers, framing: .none, keepsAlive: exchange.keepsAlive,
            isHTTP10: exchange.isHTTP10)
        guard response.status.allowsBody else {
            content = .bytes([])
            return
        }
        let compressible =
            response.headers.first("content-encoding") == nil
            && response.headers.first("content-type").map(ContentCoding.isCompressible) ?? false
        switch response.body {
        case .bytes(let plain):
            let isWorthIt = compressible && plain.count >= smallestCompressedBody
            content = Self.bytes(plain, isWorthIt, exchange, &head) { GzipEncoder.compress(plain) }
        case .shared(let body):
            let isWorthIt = compressible && body.bytes.count >= smallestCompressedBody
            content = Self.bytes(body.bytes, isWorthIt, exchange, &head) { body.compressed }
        case .stream(let producer):
            head.variesByEncoding = compressible
            head.isGzip = compressible && exchange.acceptsGzip
            content = Self.stream(producer, gzip: head.isGzip, endless: false, exchange, &head)
        case .events(let producer):
            content = Self.stream(producer, gzip: false, endless: true, exchange, &head)
        }
    }

    private static func bytes(
        _ plain: [UInt8],
        _ isWorthCompressing: Bool,
        _ exchange: Exchange,
        _ head: inout ResponseHead,
        _ compress: () -> [UInt8]?
    ) -> Content {
        var bytes = plain
        if isWorthCompressing {
            head.variesByEncoding = true
            if exchange.acceptsGzip, let compressed = compress(), compressed.count < plain.count {
                head.isGzip = true
                bytes = compressed
            }
        }
        head.framing = .length(bytes.count)
        return .bytes(exchange.isHead ? [] : bytes)
    }

    private static func stream(
        _ producer: @escaping HTTPBodyProducer,
        gzip: Bool,
        endless: Bool,
        _ exchange: Exchange,
        _ head: inout ResponseHead
    ) -> Content {
        guard !exchange.isHead else { return .bytes([]) }
        // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
        head.framing = exchange.isHTTP10 ? .untilClose : .chunked
        if exchange.isHTTP10 { head.keepsAlive = false }
        return .stream(producer, gzip: gzip, endless: endless)
    }
}
