import Glibc

/// One HTTP request over a connection of its own, as plain as can be: the code under test has no part in it.
public struct HTTPProbe: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields, names in lower case.
    public let headers: [String: String]
    /// The body as it came, chunks joined.
    public let body: [UInt8]

    /// The body as text.
    public var text: String {
        String(decoding: body, as: UTF8.self)
    }

    /// Asks a server on 127.0.0.1, with another method than GET if need be; blocks until it has closed the connection.
    public static func get(
        _ path: String,
        port: Int,
        headers: [String] = [],
        method: String = "GET"
    ) throws(TestServerError) -> HTTPProbe {
        guard let descriptor = LoopbackSocket.connected(to: port) else {
            throw TestServerError("nobody accepts connections on port \(port)")
        }
        defer { close(descriptor) }
        let lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers + ["", ""]
        let request = Array(lines.joined(separator: "\r\n").utf8)
        guard send(descriptor, request, request.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL)) == request.count else {
            throw TestServerError("cannot send to port \(port)")
        }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { break }
            answer.append(contentsOf: piece[..<count])
        }
        guard let probe = HTTPProbe(answer) else {
            throw TestServerError("no HTTP answer from port \(port): \(String(decoding: answer, as: UTF8.self))")
        }
        return probe
    }

    private init?(_ answer: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = answer.firstRange(of: separator) else { return nil }
        let lines = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let code = lines.first?.split(separator: " ").dropFirst().first, let status = Int(code) else {
            return nil
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = String((parts.last ?? "").drop { $0 == " " })
        }
        self.status = status
        headers = fields
        let rest = answer[end.upperBound...]
        body = fields["transfer-encoding"] == "chunked" ? Self.joined(chunks: rest) : Array(rest)
    }

    private static func joined(chunks: ArraySlice<UInt8>) -> [UInt8] {
        var rest = chunks
        var body: [UInt8] = []
        while let end = rest.firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16), size > 0
        {
            body += rest[end.upperBound...].prefix(size)
            rest = rest[end.upperBound...].dropFirst(size + 2)
        }
        return body
    }
}
