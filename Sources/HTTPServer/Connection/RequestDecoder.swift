internal import NIOCore
internal import NIOHTTP1

/// NIO's request decoder, with three things around it: it counts the bytes, it says in our words what is wrong, and
/// after an error it drops what follows instead of failing again, so that a refusal can be sent and read.
final class RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private var receivedBytes = 0
    private var unconsumedBytes = 0
    private var dropsRest = false
    private let decoder: HTTPRequestDecoder

    init(limits: HTTPLimits) {
        // The decoder's limits only keep memory bounded: which limit of ours was hit is decided with the whole
        // head at hand, where there is one.
        var bounds = NIOHTTPDecoderLimitConfiguration()
        bounds.maxHeaderFieldSize = max(limits.targetBytes, limits.headerBytes) + 1
        bounds.maxHeaderListSize = limits.targetBytes + limits.headerBytes + 1
        bounds.maxHeaderFieldCount = limits.headerCount
        decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: bounds)
    }

    /// How many bytes arrived since the last call.
    func takeReceivedBytes() -> Int {
        defer { receivedBytes = 0 }
        return receivedBytes
    }

    /// Reads no further request: whatever else comes is dropped.
    ///
    /// NIO's decoder stops by itself at a change of protocol or of version, and then keeps what follows in memory.
    func dropRest() {
        dropsRest = true
    }

    func decoderAdded(context: ChannelHandlerContext) {
        decoder.decoderAdded(context: context)
    }

    func decoderRemoved(context: ChannelHandlerContext) {
        decoder.decoderRemoved(context: context)
    }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        receivedBytes += buffer.readableBytes - unconsumedBytes
        defer { unconsumedBytes = buffer.readableBytes }
        return pass(context: context, buffer: &buffer) { buffer in
            try decoder.decode(context: context, buffer: &buffer)
        }
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        pass(context: context, buffer: &buffer) { buffer in
            try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
        }
    }

    private func pass(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        decode: (inout ByteBuffer) throws -> DecodingState
    ) -> DecodingState {
        if !dropsRest {
            do {
                let state = try decode(&buffer)
                if !dropsRest { return state }
            } catch {
                dropsRest = true
                context.fireErrorCaught(RequestDecodingError(error, near: buffer.readableBytesView))
            }
        }
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return .needMoreData
    }
}

@available(*, unavailable)
extension RequestDecoder: Sendable {}

/// What is wrong with the bytes of a request, as the response to it.
struct RequestDecodingError: Error, Equatable {
    let refusal: HTTPRefusal
    let status: HTTPStatus
    let explanation: String

    /// An error that NIO's decoder reports and does not throw, as it does for a version it does not know.
    init?(reported error: any Error) {
        guard error is HTTPParserError else { return nil }
        self.init(error, near: ByteBufferView(ByteBuffer()))
    }

    init(_ error: any Error, near bytes: ByteBufferView) {
        switch error as? HTTPParserError {
        case .headerOverflow where !bytes.contains(UInt8(ascii: "\n")):
            // No line end yet: it is the request line that does not end.
            (refusal, status, explanation) = (.targetTooLong, .targetTooLong, "the request target is too long")
        case .headerOverflow:
            (refusal, status) = (.headersTooLarge, .headersTooLarge)
            explanation = "the header fields are too many or too large"
        case .invalidMethod where Self.looksLikeMethod(bytes):
            (refusal, status, explanation) = (.unsupported, .notImplemented, "this method is not supported")
        case .invalidMethod where bytes.first == 0x16:
            // The first byte of a TLS handshake (RFC 8446, section 5.1).
            (refusal, status) = (.malformed, .badRequest)
            explanation = "this port speaks plain HTTP, the client speaks TLS"
        case .invalidVersion:
            (refusal, status) = (.unsupported, .versionNotSupported)
            explanation = "only HTTP/1.0 and HTTP/1.1 are supported"
        case .invalidEOFState:
            (refusal, status, explanation) = (.malformed, .badRequest, "the request ends in the middle")
        case .invalidContentLength, .unexpectedContentLength:
            (refusal, status, explanation) = (.malformed, .badRequest, "the Content-Length is not valid")
        case .invalidChunkSize:
            (refusal, status, explanation) = (.malformed, .badRequest, "the size of a chunk is not valid")
        case .invalidHeaderToken:
            (refusal, status, explanation) = (.malformed, .badRequest, "a header field is not valid")
        default:
            (refusal, status, explanation) = (.malformed, .badRequest, "this is not an HTTP request")
        }
    }

    /// Whether the bytes start with an upper-case word and a space, as a method we do not know does.
    private static func looksLikeMethod(_ bytes: ByteBufferView) -> Bool {
        let word = bytes.prefix { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "-") }
        return !word.isEmpty && word.count <= 32 && bytes.dropFirst(word.count).first == UInt8(ascii: " ")
    }
}
