/// Who may ask a server, and how: HTTPS, users, and header fields of every answer.
public struct AccessRules: Sendable, Hashable {
    /// How a password is known.
    public enum Password: Sendable, Hashable {
        /// The password itself.
        case plain(String)
        /// What bcrypt makes of it: `$2a$…`, `$2b$…` or `$2y$…`.
        case bcrypt(String)
    }

    /// The files for HTTPS; `nil` for plain HTTP.
    public var tls: ServerTLSFiles?
    /// Users by name, one of whom every request must name (RFC 7617); where there are none, nobody is asked.
    public var users: [String: Password]
    /// Fields that answers have which do not set them themselves.
    public var headers: [String: String]

    /// Creates rules; without any, everybody may ask by plain HTTP.
    public init(
        tls: ServerTLSFiles? = nil,
        users: [String: Password] = [:],
        headers: [String: String] = [:]
    ) {
        self.tls = tls
        self.users = users
        self.headers = headers
    }

    /// Whether the text is a hash of bcrypt that can be checked within seconds.
    public static func isPasswordHash(_ text: String) -> Bool {
        BcryptHash.isValid(text)
    }
}
