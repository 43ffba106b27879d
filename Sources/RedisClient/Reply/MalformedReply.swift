/// Bytes that are not the Redis protocol, or more of it than the limits allow.
public struct MalformedReply: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found, as the end of a sentence that starts with the server: `answered with HTTP, …`.
    public let description: String

    /// Whether it is the Redis protocol, but too much of it.
    let isLimit: Bool

    private init(_ description: String, isLimit: Bool = false) {
        self.description = description
        self.isLimit = isLimit
    }
}

extension MalformedReply {
    static func tooManyBytes(limit: Int) -> MalformedReply {
        MalformedReply("answered with more than \(limit) bytes, the limit for one poll", isLimit: true)
    }

    static func stringTooLong(_ length: Int64, limit: Int) -> MalformedReply {
        MalformedReply("announced a string of \(length) bytes; the limit is \(limit)", isLimit: true)
    }

    static func lineTooLong(limit: Int) -> MalformedReply {
        MalformedReply("sent a line of more than \(limit) bytes", isLimit: true)
    }

    static func arrayTooLong(_ count: Int64, limit: Int) -> MalformedReply {
        MalformedReply("announced an array of \(count) elements; the limit is \(limit)", isLimit: true)
    }

    static func tooManyElements(limit: Int) -> MalformedReply {
        MalformedReply("answered with more than \(limit) elements, the limit for one poll", isLimit: true)
    }

    static func tooDeep(limit: Int) -> MalformedReply {
        MalformedReply("nested arrays more than \(limit) deep", isLimit: true)
    }

    static let outOfMemory = MalformedReply("could not be read: no memory for its answer", isLimit: true)

    /// Recognises other protocols by the first bytes that the server sent, else `nil`.
    init?(greeting bytes: [UInt8]) {
        if bytes.starts(with: "HTTP/".utf8) {
            self.init("answered with HTTP, not the Redis protocol")
        } else if bytes.starts(with: "SSH-".utf8) {
            self.init("answered with SSH, not the Redis protocol")
        } else if bytes.starts(with: [0x15, 0x03]) || bytes.starts(with: [0x16, 0x03]) {
            // A TLS record of type alert or handshake (RFC 8446, section 5.1).
            self.init("answered with TLS; use rediss:// or valkeys://")
        } else {
            return nil
        }
    }

    /// Puts hiredis' words for an error into ours.
    init(hiredis text: String, limits: ReplyLimits) {
        let got = "Protocol error, got "
        let typeByte = " as reply type byte"
        if text.hasPrefix(got), text.hasSuffix(typeByte) {
            // In double quotes, non-printing bytes as in "\x16".
            let byte = text.dropFirst(got.count + 1).dropLast(typeByte.count + 1)
            self.init("sent an unexpected byte '\(byte)', not the Redis protocol")
        } else if text.contains("nested") {
            self = .tooDeep(limit: limits.nesting)
        } else {
            self.init("sent what is not the Redis protocol (\(text))")
        }
    }
}
