import Dispatch
import Glibc
import Synchronization

/// A server of HTTP that keeps every request and answers as a test wants: to see what a client sends, and what it makes
/// of bad answers.
public final class HTTPReceiver: Sendable {
    /// A request as it came.
    public struct Request: Sendable {
        /// The method and the target: `POST /hook`.
        public let line: String
        /// The header fields, names in lower case.
        public let headers: [String: String]
        /// The body as text.
        public let body: String
        /// The body as it came.
        public let bytes: [UInt8]
    }

    /// What a request gets.
    public enum Answer: Sendable {
        /// A status with further header lines and no body.
        case status(Int, headers: [String] = [])
        /// These bytes as they are, then the end of the connection.
        case bytes(String)
        /// Nothing, on an open connection.
        case silence
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let state: State

    private final class State: Sendable {
        let requests = Mutex<[Request]>([])
        let open = Mutex<[Int32]>([])
    }

    /// Listens; `answer` gets the number of the request, from 0, and the request.
    public init(
        port: Int = 0,
        answer: @escaping @Sendable (Int, Request) -> Answer = { _, _ in .status(200) }
    ) throws(TestServerError) {
        (listener, self.port) = try LoopbackSocket.listen(port: port)
        let state = State()
        self.state = state
        let listener = listener
        DispatchQueue(label: "http receiver").async {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                DispatchQueue.global().async { Self.serve(connection, state, answer) }
            }
            close(listener)
        }
    }

    deinit {
        // Ends `accept`; the thread closes it, as nobody else may have its number while it is still asked.
        shutdown(listener, Int32(SHUT_RDWR))
        state.open.withLock { descriptors in
            descriptors.forEach { close($0) }
            descriptors = []
        }
    }

    /// The requests so far.
    public var requests: [Request] {
        state.requests.withLock { $0 }
    }

    private static func serve(
        _ connection: Int32,
        _ state: State,
        _ answer: @Sendable (Int, Request) -> Answer
    ) {
        guard let request = read(connection) else {
            close(connection)
            return
        }
        let number = state.requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        switch answer(number, request) {
        case .status(let code, let headers):
            let lines = ["HTTP/1.1 \(code) Some", "Content-Length: 0", "Connection: close"] + headers + ["", ""]
            write(lines.joined(separator: "\r\n"), to: connection)
            close(connection)
        case .bytes(let text):
            write(text, to: connection)
            close(connection)
        case .silence:
            state.open.withLock { $0.append(connection) }
        }
    }

    private static func write(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        send(connection, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        let separator = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        var length = 0
        var fields: [String: String] = [:]
        var line = ""
        while true {
            if headEnd == nil, let end = bytes.firstRange(of: separator) {
                headEnd = end.upperBound
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                line = lines.first.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } ?? ""
                for field in lines.dropFirst() {
                    let parts = field.split(separator: ":", maxSplits: 1)
                    fields[parts[0].lowercased()] = String((parts.last ?? "").drop { $0 == " " })
                }
                length = Int(fields["content-length"] ?? "") ?? 0
            }
            if let headEnd, bytes.count >= headEnd + length {
                let body = Array(bytes[headEnd...])
                return Request(line: line, headers: fields, body: String(decoding: body, as: UTF8.self), bytes: body)
            }
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: piece[..<count])
        }
    }
}
