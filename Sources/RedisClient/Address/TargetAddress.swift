/// The address of one server as a user writes it, with what is needed to log in.
public struct TargetAddress: Hashable, Sendable, CustomStringConvertible {
    /// How the address starts.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        /// Plain TCP.
        case redis
        /// TLS.
        case rediss
        /// Plain TCP.
        case valkey
        /// TLS.
        case valkeys
        /// A Unix domain socket.
        case unix

        /// Whether the connection is encrypted.
        public var usesTLS: Bool {
            self == .rediss || self == .valkeys
        }
    }

    /// How to connect.
    public let scheme: Scheme
    /// Where to connect.
    public let endpoint: Endpoint
    /// The user for `AUTH`; `nil` for the default user.
    public var user: String?
    /// The password for `AUTH`; `nil` for none.
    public var password: Secret?
    /// The database for `SELECT`; `nil` for the server's first.
    public var database: Int?

    /// An address of parts.
    public init(
        scheme: Scheme = .redis,
        endpoint: Endpoint,
        user: String? = nil,
        password: Secret? = nil,
        database: Int? = nil
    ) {
        self.scheme = scheme
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads `redis://`, `rediss://`, `valkey://`, `valkeys://`, `unix://`, `host[:port]` or an absolute path.
    ///
    /// User and password stand before an `@` and are percent-decoded; the database is the path, or `?db=` behind a
    /// socket: `rediss://reader:p%40ss@cache-1:6380/2`, `unix://:secret@/run/redis.sock?db=1`.
    public init(_ text: String) throws(InvalidAddress) {
        guard !text.isEmpty else { throw .empty() }
        var scheme = text.hasPrefix("/") ? Scheme.unix : .redis
        var rest = text[...]
        if let (name, location) = splitScheme(text) {
            guard let known = Scheme(rawValue: name.lowercased()) else { throw .unknownScheme(name, in: text) }
            scheme = known
            rest = location
        }
        let credentials = try Self.takeCredentials(&rest, of: text)
        let query = try Self.takeDatabaseParameter(&rest, of: text)
        if scheme == .unix {
            guard rest.hasPrefix("/"), rest.count > 1, let path = percentDecoded(rest) else { throw .noPath(text) }
            endpoint = .unix(path: path)
            database = query
        } else {
            let location = rest.prefix { $0 != "/" }
            let path = rest[location.endIndex...].dropFirst()
            endpoint = try Self.endpoint(location, of: text)
            let number: Int? = path.isEmpty ? nil : try Self.database(path, of: text)
            database = query ?? number
        }
        self.scheme = scheme
        user = credentials.user
        password = credentials.password
    }

    /// Without credentials: `redis://cache-1:6379`, `rediss://cache-1:6380/2`, `unix:///run/redis.sock`.
    public var description: String {
        switch endpoint {
        case .tcp: "\(scheme.rawValue)://\(endpoint)" + (database.map { "/\($0)" } ?? "")
        case .unix: "unix://\(endpoint)" + (database.map { "?db=\($0)" } ?? "")
        }
    }

    private static func takeCredentials(
        _ rest: inout Substring,
        of text: String
    ) throws(InvalidAddress) -> (user: String?, password: Secret?) {
        guard !rest.hasPrefix("/"), let at = rest.lastIndex(of: "@") else { return (nil, nil) }
        let credentials = rest[..<at]
        rest = rest[rest.index(after: at)...]
        let name = credentials.prefix { $0 != ":" }
        guard let user = percentDecoded(name), let password = percentDecoded(credentials[name.endIndex...].dropFirst())
        else { throw .badPercent(text) }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : Secret(password))
    }

    private static func takeDatabaseParameter(
        _ rest: inout Substring,
        of text: String
    ) throws(InvalidAddress) -> Int? {
        guard let mark = rest.firstIndex(of: "?") else { return nil }
        let query = rest[rest.index(after: mark)...]
        rest = rest[..<mark]
        let name = query.prefix { $0 != "=" }
        guard name == "db" else { throw .badQuery(String(name), in: text) }
        return try database(query[name.endIndex...].dropFirst(), of: text)
    }

    private static func database(_ digits: Substring, of text: String) throws(InvalidAddress) -> Int {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else {
            throw .badDatabase(text)
        }
        return number
    }

    /// The endpoint, or an error that names the whole address.
    private static func endpoint(_ location: Substring, of text: String) throws(InvalidAddress) -> Endpoint {
        do {
            return try Endpoint(hostAndPort: String(location))
        } catch {
            throw error.within(text)
        }
    }
}
