import FoundationEssentials
import RedisClient
import Testing

/// Replies of real servers, as files and as text.
enum CapturedReply {
    /// The bytes of a file such as `redis-7.0/replica/INFO_all`.
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "Fixtures/\(name).resp")))
    }

    /// The one reply of a file.
    static func named(_ name: String) throws -> Reply {
        try #require(reply(try bytes(name)))
    }

    /// All replies of a file.
    static func all(_ name: String) throws -> [Reply] {
        let decoder = ReplyDecoder()
        let stream = try bytes(name)
        try decoder.feed(stream.span)
        while try decoder.decodeReply() {}
        let tape = decoder.takeReplies()
        return (0..<tape.count).map { tape[$0] }
    }

    /// The one reply that the bytes hold, `nil` if they hold none.
    static func reply(_ bytes: [UInt8]) -> Reply? {
        let decoder = ReplyDecoder()
        guard (try? decoder.feed(bytes.span)) != nil, (try? decoder.decodeReply()) == true else { return nil }
        return decoder.takeReplies()[0]
    }

    /// A reply that is one bulk string.
    static func text(_ text: String) throws -> Reply {
        try #require(reply(Array("$\(text.utf8.count)\r\n\(text)\r\n".utf8)))
    }

    /// The bytes of the one bulk string in a file.
    static func body(_ name: String) throws -> [UInt8] {
        try named(name).withBytes { span in span.indices.map { span[$0] } }
    }
}
