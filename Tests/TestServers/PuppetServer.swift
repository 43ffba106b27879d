import Glibc
import Synchronization

/// A server that speaks the Redis protocol and says to each command what a test wants it to.
public final class PuppetServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let connections: Connections

    /// Open connections, to be ended with the server.
    private final class Connections: Sendable {
        let descriptors = Mutex<Set<Int32>>([])
    }

    /// `127.0.0.1:6379`, with the server's port.
    public var address: String {
        "127.0.0.1:\(port)"
    }

    /// Listens.
    ///
    /// - Parameter reply: The reply to the words of a command, in upper case as far as they are, as it goes over the
    ///   wire; `nil` to close the connection.
    public init(reply: @escaping @Sendable (_ words: [String]) -> String?) throws(TestServerError) {
        (listener, port) = try LoopbackSocket.listen()
        let connections = Connections()
        self.connections = connections
        let listener = listener
        onNewThread {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                _ = connections.descriptors.withLock { $0.insert(connection) }
                onNewThread {
                    Self.serve(connection, reply)
                    _ = connections.descriptors.withLock { $0.remove(connection) }
                    close(connection)
                }
            }
            close(listener)
        }
    }

    deinit {
        // Ends `accept`; the thread closes it, as nobody else may have its number while it is still asked.
        shutdown(listener, Int32(SHUT_RDWR))
        // Their threads end then, and close them.
        connections.descriptors.withLock { descriptors in
            descriptors.forEach { _ = shutdown($0, Int32(SHUT_RDWR)) }
        }
    }

    private static func serve(_ connection: Int32, _ reply: (_ words: [String]) -> String?) {
        var unread: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while case let count = recv(connection, &piece, piece.count, 0), count > 0 {
            unread += piece[..<count]
            while let words = nextCommand(&unread) {
                guard let text = reply(words.map { $0.uppercased() }) else { return }
                let bytes = Array(text.utf8)
                guard send(connection, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL)) > 0 else { return }
            }
        }
    }

    /// Takes one complete command, an array of strings, from the front.
    private static func nextCommand(_ bytes: inout [UInt8]) -> [String]? {
        var position = 0
        guard let count = number(after: "*", in: bytes, &position) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = number(after: "$", in: bytes, &position), bytes.count >= position + length + 2 else {
                return nil
            }
            words.append(String(decoding: bytes[position..<(position + length)], as: UTF8.self))
            position += length + 2
        }
        bytes.removeFirst(position)
        return words
    }

    private static func number(after sign: Character, in bytes: [UInt8], _ position: inout Int) -> Int? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\r")), bytes.count > end + 1 else { return nil }
        let line = String(decoding: bytes[position..<end], as: UTF8.self)
        guard line.first == sign, let number = Int(line.dropFirst()) else { return nil }
        position = end + 2
        return number
    }
}

/// Replies as they go over the wire.
public enum WireReply {
    /// A string.
    public static func string(_ text: String) -> String {
        "$\(text.utf8.count)\r\n\(text)\r\n"
    }

    /// An array of strings.
    public static func strings(_ texts: [String]) -> String {
        array(texts.map(string))
    }

    /// An array of replies.
    public static func array(_ replies: [String]) -> String {
        "*\(replies.count)\r\n" + replies.joined()
    }
}
