import NIOCore
import Testing

@testable import RedisClient

@Suite("Commands")
struct PipelineTests {
    @Test("Commands are encoded as arrays of bulk strings, bytes as they are")
    func encoding() {
        let pipeline = Pipeline([
            Command("INFO", "ALL"), Command(arguments: [Array("GET".utf8), [0, 13, 10, 255], []]),
        ])
        let expected = Array("*2\r\n$4\r\nINFO\r\n$3\r\nALL\r\n*3\r\n$3\r\nGET\r\n$4\r\n".utf8)
        #expect(Array(pipeline.bytes.readableBytesView) == expected + [0, 13, 10, 255] + Array("\r\n$0\r\n\r\n".utf8))
        #expect(pipeline.byteCount == pipeline.bytes.readableBytes)
        #expect(pipeline.commands.map(\.name) == ["INFO", "GET"])
    }
}
