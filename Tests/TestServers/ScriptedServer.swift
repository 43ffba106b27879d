import Glibc
import Synchronization

/// A server that says the same to everyone: to see what a client makes of garbage, of HTTP, of silence.
public final class ScriptedServer: Sendable {
    /// What happens to a connection after the answer.
    public enum Ending: Sendable {
        /// The server closes it.
        case close
        /// The server keeps it open and says no more.
        case silence
        /// The server says the same again and again, as fast as it is taken.
        case flood(String)
        /// The server says the same again and again, ten times a second.
        case drip(String)
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let accepted: Accepted

    /// The connections so far, kept open for the server's life or closed.
    private final class Accepted: Sendable {
        let descriptors = Mutex<[Int32]>([])
        let received = Mutex<[UInt8]>([])
    }

    /// What all clients have sent before the answers they got.
    public var received: String {
        String(decoding: accepted.received.withLock { $0 }, as: UTF8.self)
    }

    /// Listens.
    ///
    /// A connection gets one answer for whatever it sends at a time, until there is none left; connections are served
    /// one after the other.
    public init(answers: [String], then ending: Ending) throws(TestServerError) {
        (listener, port) = try LoopbackSocket.listen()
        let accepted = Accepted()
        self.accepted = accepted
        let listener = listener
        onNewThread {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                for answer in answers {
                    var request = [UInt8](repeating: 0, count: 4096)
                    let count = recv(connection, &request, request.count, 0)
                    guard count > 0 else { break }
                    accepted.received.withLock { $0 += request[..<count] }
                    let bytes = Array(answer.utf8)
                    send(connection, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
                }
                Self.end(connection, ending)
                accepted.descriptors.withLock { $0.append(connection) }
            }
            close(listener)
        }
    }

    private static func end(_ connection: Int32, _ ending: Ending) {
        switch ending {
        case .close:
            // Not a full close: that would be a reset where something is unread here.
            shutdown(connection, Int32(SHUT_WR))
        case .silence:
            break
        case .flood(let text):
            let bytes = Array(String(repeating: text, count: max(1, 65536 / text.utf8.count)).utf8)
            while send(connection, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL)) > 0 {}
        case .drip(let text):
            let bytes = Array(text.utf8)
            while send(connection, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL)) > 0 {
                usleep(100_000)
            }
        }
    }

    deinit {
        // Ends `accept`; the thread closes it, as nobody else may have its number while it is still asked.
        shutdown(listener, Int32(SHUT_RDWR))
        accepted.descriptors.withLock { descriptors in
            descriptors.forEach { close($0) }
            descriptors = []
        }
    }
}
