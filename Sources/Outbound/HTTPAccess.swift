import Glibc
public import HTTPClient
public import YAML

/// A text that must not be seen: given, or kept in a file that is read at each use, so that it can be renewed there.
public enum SecretText: Sendable, Equatable {
    /// The text.
    case given(String)
    /// The path of the file; space at its end is dropped.
    case file(String)

    private static let limit = 65_536

    /// The text as it is now.
    /// - Throws: `SecretProblem` where the file cannot be read.
    public func read() throws(SecretProblem) -> String {
        guard case .file(let path) = self else {
            if case .given(let text) = self { return text }
            return ""
        }
        guard let file = fopen(path, "re") else {
            throw SecretProblem(description: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.limit)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return String(text.prefix(upTo: text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.startIndex))
    }
}

/// Why a secret cannot be had.
public struct SecretProblem: Error, CustomStringConvertible {
    /// The file, and why it cannot be read.
    public let description: String
}

/// How an endpoint is reached over HTTP: who Redstart says it is, and how it encrypts.
public struct HTTPAccess: Sendable, Equatable {
    /// What goes into the field `Authorization`.
    public enum Authorization: Sendable, Equatable {
        /// Nothing.
        case none
        /// A user and a password.
        case basic(user: String, password: SecretText)
        /// `Bearer` or another type, and the credentials.
        case other(type: String, SecretText)
    }

    /// Who Redstart says it is.
    public var authorization = Authorization.none
    /// How it encrypts.
    public var tls = ClientTLSOptions()
    /// The longest that a request may take.
    public var timeout: Duration = .seconds(10)

    /// Access without credentials, with the system's authorities, in ten seconds.
    public init() {}

    /// The header fields that say who Redstart is.
    /// - Throws: `SecretProblem` where a secret cannot be read.
    public func headers() throws(SecretProblem) -> [(name: String, value: String)] {
        switch authorization {
        case .none: return []
        case .basic(let user, let password):
            return [("Authorization", BasicAuthorization.field(user: user, password: try password.read()))]
        case .other(let type, let secret): return [("Authorization", "\(type) \(try secret.read())")]
        }
    }
}

extension YAMLFields {
    /// A secret given in the field, or in a file named by the field with `_file` behind its name.
    public mutating func secret(_ name: String) throws(YAMLError) -> SecretText? {
        let text = try optional(name)?.string("a text")
        guard let file = optional("\(name)_file") else { return text.map { .given($0) } }
        guard text == nil else {
            throw file.error("both `\(name)` and `\(name)_file` are given", expected: "one of them")
        }
        return .file(try file.path())
    }

    /// The fields `basic_auth`, `authorization`, `bearer_token`, `bearer_token_file`, `tls_config` and `timeout`.
    ///
    /// - Parameter timeout: What the last of them is called.
    public mutating func access(timeout timeoutField: String = "timeout") throws(YAMLError) -> HTTPAccess {
        var access = HTTPAccess()
        var given: [HTTPAccess.Authorization] = []
        if let node = optional("basic_auth") { given.append(try node.basicAuthorization()) }
        if let node = optional("authorization") { given.append(try node.authorization()) }
        if let token = try secret("bearer_token") { given.append(.other(type: "Bearer", token)) }
        guard given.count <= 1 else {
            throw node.error("there are \(given.count) kinds of credentials", expected: "at most one")
        }
        access.authorization = given.first ?? .none
        if let node = optional("tls_config") { access.tls = try node.clientTLS() }
        if let timeout = try optional(timeoutField)?.positiveDuration() { access.timeout = .milliseconds(timeout) }
        return access
    }

    /// The address of an endpoint; what is wrong with it is told without it.
    public mutating func url(_ name: String) throws(YAMLError) -> HTTPURL {
        let node = try required(name)
        return try node.httpURL()
    }
}

extension YAMLNode {
    /// An address of HTTP; what is wrong with it is told without it, for it may be a secret.
    public func httpURL() throws(YAMLError) -> HTTPURL {
        let text = try string("an address such as https://host/path")
        do {
            return try HTTPURL(text)
        } catch {
            throw self.error("this is no address: \(error)", expected: "one such as https://host/path")
        }
    }

    fileprivate func basicAuthorization() throws(YAMLError) -> HTTPAccess.Authorization {
        try read("`basic_auth`") { (fields) throws(YAMLError) in
            .basic(
                user: try fields.optional("username")?.string() ?? "",
                password: try fields.secret("password") ?? .given("")
            )
        }
    }

    fileprivate func authorization() throws(YAMLError) -> HTTPAccess.Authorization {
        try read("`authorization`") { (fields) throws(YAMLError) in
            let type = try fields.optional("type")?.string() ?? "Bearer"
            guard let secret = try fields.secret("credentials") else {
                throw error("`authorization` has no credentials", expected: "`credentials` or `credentials_file`")
            }
            return .other(type: type, secret)
        }
    }

    fileprivate func clientTLS() throws(YAMLError) -> ClientTLSOptions {
        try read("`tls_config`") { (fields) throws(YAMLError) in
            var options = ClientTLSOptions()
            options.authorityFile = try fields.optional("ca_file")?.path()
            options.certificateFile = try fields.optional("cert_file")?.path()
            options.keyFile = try fields.optional("key_file")?.path()
            options.serverName = try fields.optional("server_name")?.string("the name of a host")
            options.skipsVerification = try fields.optional("insecure_skip_verify")?.boolean() ?? false
            guard (options.certificateFile == nil) == (options.keyFile == nil) else {
                throw error("`cert_file` and `key_file` belong together", expected: "both or none of them")
            }
            return options
        }
    }
}
