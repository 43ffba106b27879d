import FoundationEssentials
import RedisClient
import Testing

/// Captured replies of one server in one state, as if it could be asked.
struct FixtureServer {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    let server: String
    let role: String

    /// The text of a file among the fixtures.
    static func text(_ name: String) throws -> String {
        try String(decoding: Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    /// The bytes of a captured reply, `nil` where there is no such file.
    func bytes(_ file: String) -> [UInt8]? {
        let path = Self.folder.appending(path: "\(server)/\(role)/\(file).resp")
        return (try? Data(contentsOf: path)).map { Array($0) }
    }

    /// The text of a captured bulk string, without its frame.
    func body(_ file: String) throws -> [UInt8] {
        let reply = try #require(bytes(file).map(RESP.reply))
        return try #require(reply).withBytes { span in span.indices.map { span[$0] } }
    }

    /// The captured reply to a command, `nil` where there is none.
    func reply(to command: [String]) -> Reply? {
        if command.count > 2, command[0] == "CONFIG", command[2] != "*" {
            return bytes("CONFIG_GET_all").flatMap(RESP.reply).flatMap { selected(command.dropFirst(2), of: $0) }
        }
        return bytes(fileName(of: command)).flatMap(RESP.reply)
    }

    private func fileName(of command: [String]) -> String {
        switch command[0] {
        // Captured servers without modules answer both alike.
        case "INFO": return "INFO_all"
        case "SLOWLOG" where command[1] == "GET": return "SLOWLOG_GET_128"
        case "COMMANDLOG" where command[1] == "GET": return "COMMANDLOG_GET_128_" + command[3]
        case "SENTINEL" where command[1] == "SLAVES": return "SENTINEL_REPLICAS_" + command[2]
        default: return command.map { $0 == "*" ? "all" : $0 }.joined(separator: "_")
        }
    }

    private func selected(_ names: ArraySlice<String>, of all: Reply) -> Reply? {
        var pairs: [String] = []
        var elements = all.elements
        while let name = elements.next()?.text, let value = elements.next()?.text {
            if names.contains(name) { pairs += [name, value] }
        }
        return RESP.reply(RESP.array(pairs))
    }
}

/// Makes replies of bytes.
enum RESP {
    /// The one reply that the bytes hold, `nil` if they hold none.
    static func reply(_ bytes: [UInt8]) -> Reply? {
        let decoder = ReplyDecoder()
        guard (try? decoder.feed(bytes.span)) != nil, (try? decoder.decodeReply()) == true else { return nil }
        return decoder.takeReplies()[0]
    }

    /// The one reply that a text in the protocol holds.
    static func reply(_ text: String) -> Reply? {
        reply(Array(text.utf8))
    }

    /// The reply that is one bulk string.
    static func bulk(_ bytes: [UInt8]) -> Reply? {
        reply(Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    /// An array of bulk strings in the protocol.
    static func array(_ texts: [String]) -> [UInt8] {
        var bytes = Array("*\(texts.count)\r\n".utf8)
        for text in texts {
            bytes += Array("$\(text.utf8.count)\r\n\(text)\r\n".utf8)
        }
        return bytes
    }
}
