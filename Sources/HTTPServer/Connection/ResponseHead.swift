internal import Glibc
internal import NIOCore

/// The status line and header fields of a response, as bytes.
///
/// Written by hand and not through NIO's encoder: with the body in the same buffer a response is one write, and the
/// server's own fields need no array of strings.
struct ResponseHead {
    /// How the client learns where the body ends.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilClose
        /// There is none, or it is not for us to say how long it would be.
        case none
    }

    var status: HTTPStatus
    var headers: HeaderFields
    var framing: Framing
    var keepsAlive: Bool
    /// Whether the client speaks HTTP/1.0 and closes unless told otherwise.
    var isHTTP10: Bool
    var isGzip = false
    /// Whether another `Accept-Encoding` would have brought other bytes.
    var variesByEncoding = false

    private static let ownFields: Set<String> = ["content-length", "transfer-encoding", "connection", "date"]

    func write(into buffer: inout ByteBuffer, date: String) {
        buffer.writeString("HTTP/1.1 \(status.code) \(status.reason)\r\nDate: \(date)\r\n")
        for (name, value) in headers.storage where !isOwn(name) {
            buffer.writeString(Self.sanitized(name))
            buffer.writeStaticString(": ")
            buffer.writeString(Self.sanitized(value))
            buffer.writeStaticString("\r\n")
        }
        if isGzip { buffer.writeStaticString("Content-Encoding: gzip\r\n") }
        if variesByEncoding { buffer.writeStaticString("Vary: Accept-Encoding\r\n") }
        switch framing {
        case .length(let count): buffer.writeString("Content-Length: \(count)\r\n")
        case .chunked: buffer.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .untilClose, .none: break
        }
        if !keepsAlive {
            buffer.writeStaticString("Connection: close\r\n")
        } else if isHTTP10 {
            buffer.writeStaticString("Connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    private func isOwn(_ name: String) -> Bool {
        // The longest of them has 17 letters and all others differ in the first: most names need no lower-casing.
        guard let first = name.utf8.first, "cCtTdD".utf8.contains(first) else { return false }
        return Self.ownFields.contains(name.lowercased())
    }

    /// The text with control characters as spaces: a value from outside must not start a field of its own.
    private static func sanitized(_ text: String) -> String {
        func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }
        guard text.utf8.contains(where: isControl) else { return text }
        return String(decoding: text.utf8.map { isControl($0) ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}

/// The text of the `Date` field, made once a second.
struct DateCache {
    private var second = -1
    private var text = ""

    mutating func current() -> String {
        let now = time(nil)
        if now != second {
            second = now
            text = HTTPDate.text(secondsSince1970: now)
        }
        return text
    }
}
