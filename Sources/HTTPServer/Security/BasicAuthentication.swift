internal import FoundationEssentials

/// Users and passwords, one of which every request must bring (RFC 7617).
struct BasicAuthentication: Sendable {
    /// What a client without user and password is told.
    private static let challenge = "Basic realm=\"redstart\", charset=\"UTF-8\""

    private let passwords: [[UInt8]: AccessRules.Password]
    /// Checked in the place of the password of a user that is none, so that it takes as long.
    private let decoy: AccessRules.Password
    private let check = PasswordCheck()

    /// Demands one of the users; `nil` where there are none.
    ///
    /// - Throws: ``HTTPServerError/unusablePasswordHash`` for a hash that is not one of bcrypt.
    init?(users: [String: AccessRules.Password]) throws(HTTPServerError) {
        for case .bcrypt(let hash) in users.values where !BcryptHash.isValid(hash) { throw .unusablePasswordHash }
        guard let costliest = users.values.max(by: { Self.cost(of: $0) < Self.cost(of: $1) }) else { return nil }
        decoy = costliest
        passwords = Dictionary(users.map { (Array($0.key.utf8), $0.value) }) { first, _ in first }
    }

    private static func cost(of password: AccessRules.Password) -> Int {
        if case .bcrypt(let hash) = password { BcryptHash.cost(of: hash) ?? 0 } else { 0 }
    }

    /// The answer for a request that may not pass, `nil` for one that may.
    func refusal(of headers: HeaderFields) async -> HTTPResponse? {
        guard let (user, password) = Self.credentials(headers.first("authorization")) else {
            return Self.unauthorized("user and password are needed")
        }
        let expected = passwords[user]
        let isRight: Bool
        switch expected ?? decoy {
        case .plain(let text):
            isRight = BcryptHash.isSame(password, Array(text.utf8))
        case .bcrypt(let hash):
            guard let answer = await check.accepts(password, hash: hash, of: expected == nil ? nil : user) else {
                return .text(.serviceUnavailable, "too many passwords wait to be checked")
            }
            isRight = answer
        }
        return isRight && expected != nil ? nil : Self.unauthorized("wrong user or password")
    }

    private static func unauthorized(_ explanation: String) -> HTTPResponse {
        var response = HTTPResponse.text(.unauthorized, explanation)
        response.headers.set("WWW-Authenticate", challenge)
        return response
    }

    /// User and password of `Basic dXNlcjpwYXNz`.
    static func credentials(_ header: String?) -> (user: [UInt8], password: [UInt8])? {
        guard let header, header.utf8.count <= 4096 else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let bytes = Data(base64Encoded: String(parts[1].drop { $0 == " " })).map({ [UInt8]($0) }),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (Array(bytes[..<colon]), Array(bytes[(colon + 1)...]))
    }
}
