import CZlib
import Testing

@testable import HTTPServer

/// What a gzip file holds, or nil if it is none.
func gunzip(_ bytes: [UInt8], limit: Int = 1 << 24) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = bytes
    var status: CInt = Z_ERRNO
    let output = input.withUnsafeMutableBufferPointer { input in
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(limit)
            status = inflate(&stream, Z_FINISH)
            count = limit - Int(stream.avail_out)
        }
    }
    return status == Z_STREAM_END && stream.avail_in == 0 ? output : nil
}

@Suite struct ContentCodingTests {
    @Test(
        "gzip is used when the client wants it",
        arguments: [
            ("gzip", true), ("gzip, deflate, br", true), ("deflate, gzip;q=1.0, *;q=0.5", true), ("x-gzip", true),
            ("*", true), ("GZIP;Q=0.1", true), ("gzip;q=0", false), ("gzip;q=0, *", false), ("identity", false),
            ("br", false), ("", false), ("*;q=0", false), ("identity;q=1, gzip;q=0.5", false), ("gzip;q=x", false),
            ("gzip;q=0.5, identity;q=0.5", true), ("notgzip", false),
        ])
    func acceptsGzip(header: String, accepted: Bool) {
        #expect(ContentCoding.acceptsGzip(header) == accepted)
    }

    @Test(
        "text is compressed, what is compressed already or must not wait is not",
        arguments: [
            ("text/plain; version=0.0.4", true), ("application/openmetrics-text; version=1.0.0", true),
            ("application/json", true), ("text/javascript", true), ("image/svg+xml", true),
            ("text/event-stream", false),
            ("image/png", false), ("application/octet-stream", false), ("", false),
        ])
    func compressible(type: String, expected: Bool) {
        #expect(ContentCoding.isCompressible(contentType: type) == expected)
    }

    @Test("what was compressed comes out as it went in", arguments: [0, 1, 100, 36_864, 1_000_000])
    func roundTrip(count: Int) throws {
        let text = (0..<count).map { UInt8(truncatingIfNeeded: ($0 * $0) >> 7) }
        let compressed = try #require(GzipEncoder.compress(text))
        #expect(gunzip(compressed) == text)
    }

    @Test(
        "noise, which does not shrink, comes out as it went in, in one piece and in many", arguments: [1, 777, 100_000])
    func pieces(size: Int) {
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255) }
        guard var encoder = GzipEncoder() else { return #expect(Bool(false), "no memory") }
        var output: [UInt8] = []
        for start in stride(from: 0, to: noise.count, by: size) {
            encoder.compress(Array(noise[start..<min(noise.count, start + size)]), finish: false, into: &output)
        }
        encoder.compress([], finish: true, into: &output)
        #expect(gunzip(output) == noise)
    }

    private func prepare(_ response: HTTPResponse, acceptsGzip: Bool, isHead: Bool = false) -> PreparedResponse {
        PreparedResponse(
            response, for: Exchange(isHead: isHead, acceptsGzip: acceptsGzip), smallestCompressedBody: 1_000)
    }

    @Test(
        "a body is compressed when it is long enough, and says that it depends on what the client accepts",
        arguments: [false, true]
    )
    func compression(isShared: Bool) throws {
        let own = HTTPResponse(contentType: "text/plain", bytes: Array(repeating: 0x61, count: 1_000))
        let long = isShared ? own.shared : own
        let compressed = prepare(long, acceptsGzip: true)
        guard case .bytes(let bytes) = compressed.content else { return #expect(Bool(false), "a stream") }
        #expect(compressed.head.isGzip && compressed.head.variesByEncoding)
        #expect(compressed.head.framing == .length(bytes.count))
        #expect(gunzip(bytes)?.count == 1_000)

        let plain = prepare(long, acceptsGzip: false)
        #expect(!plain.head.isGzip && plain.head.variesByEncoding)
        #expect(plain.head.framing == .length(1_000))

        let short = HTTPResponse(contentType: "text/plain", bytes: Array(repeating: 0x61, count: 999))
        #expect(!prepare(short, acceptsGzip: true).head.isGzip)
        #expect(!prepare(short, acceptsGzip: true).head.variesByEncoding)
        #expect(prepare(long, acceptsGzip: true, isHead: true).head.framing == .length(bytes.count))
    }

    @Test("a body that is encoded already, or that would not shrink, is left alone")
    func leftAlone() {
        var encoded = HTTPResponse(contentType: "text/css", bytes: Array(repeating: 0x61, count: 2_000))
        encoded.headers.set("Content-Encoding", "br")
        #expect(!prepare(encoded, acceptsGzip: true).head.isGzip)
        let noise = (0..<2_000).map { _ in UInt8.random(in: 0...255) }
        let grown = prepare(HTTPResponse(contentType: "text/plain", bytes: noise), acceptsGzip: true)
        #expect(!grown.head.isGzip)
        #expect(grown.head.framing == .length(2_000))
    }
}
