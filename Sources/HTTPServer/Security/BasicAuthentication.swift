internal import FoundationEssentials

/// User and password that every request must bring (RFC 7617).
public struct BasicAuthentication: Sendable {
    /// How the password is known.
    public enum Password: Sendable {
        /// The password itself.
        case plain(String)
        /// What bcrypt makes of it: `$2a$…`, `$2b$…` or `$2y$…`.
        case bcrypt(String)
    }

    /// What a client without user and password is told.
    private static let challenge = "Basic realm=\"redstart\", charset=\"UTF-8\""

    private let user: [UInt8]
    private let check: PasswordCheck

    /// Demands one user with one password.
    ///
    /// - Throws: ``HTTPServerError/unusablePasswordHash`` for a hash that is not one of bcrypt.
    public init(user: String, password: Password) throws(HTTPServerError) {
        if case .bcrypt(let hash) = password, !BcryptHash.isValid(hash) { throw .unusablePasswordHash }
        self.user = Array(user.utf8)
        check = PasswordCheck(password)
    }

    /// The same routes, for those who have user and password.
    public func protect(_ routes: [Route]) -> [Route] {
        routes.map { route in
            let handler = route.handler
            return Route(route.method, route.pattern, on: route.placement) { request in
                if let refusal = await refusal(of: request) { return refusal }
                return await handler(request)
            }
        }
    }

    /// The answer for a request that may not pass, `nil` for one that may.
    func refusal(of request: HTTPRequest) async -> HTTPResponse? {
        guard let (name, password) = Self.credentials(request.headers.first("authorization")) else {
            return Self.unauthorized("user and password are needed")
        }
        let isUser = Self.isSame(name, user)
        // Checked for a wrong user too, so that the time it takes tells nothing.
        guard let isPassword = await check.accepts(password) else {
            return .text(.serviceUnavailable, "too many passwords wait to be checked")
        }
        return isUser && isPassword ? nil : Self.unauthorized("wrong user or password")
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

    /// Whether two texts are the same, in a time that does not depend on where they differ.
    static func isSame(_ one: [UInt8], _ two: [UInt8]) -> Bool {
        var difference = one.count ^ two.count
        for index in one.indices {
            difference |= Int(one[index] ^ (two.isEmpty ? 0 : two[index % two.count]))
        }
        return difference == 0
    }
}

/// Compares passwords, one after the other: bcrypt is slow on purpose, and must not take all processors.
actor PasswordCheck {
    /// Requests beyond this number are refused.
    private static let queueLimit = 32

    private let password: BasicAuthentication.Password
    /// The password that the hash is known to be of.
    private var accepted: [UInt8]?
    private var waiting = 0
    private var last: Task<Bool, Never>?

    init(_ password: BasicAuthentication.Password) {
        self.password = password
    }

    /// Whether the password is right; `nil` where too many others wait.
    func accepts(_ given: [UInt8]) async -> Bool? {
        switch password {
        case .plain(let text):
            return BasicAuthentication.isSame(given, Array(text.utf8))
        case .bcrypt(let hash):
            if let accepted, BasicAuthentication.isSame(given, accepted) { return true }
            guard waiting < Self.queueLimit else { return nil }
            waiting += 1
            defer { waiting -= 1 }
            let before = last
            let check = Task.detached {
                _ = await before?.value
                return BcryptHash.isSame(given, hash: hash)
            }
            last = check
            guard await check.value else { return false }
            accepted = given
            return true
        }
    }
}
