internal import Synchronization

/// The rules of access of a server that are in force, to be replaced while it runs.
///
/// A request is judged by the rules at the moment it is complete, a connection by the certificates at its start.
public final class ServerAccess: Sendable {
    /// What the rules come to.
    final class Current: Sendable {
        let rules: AccessRules
        let tls: ServerTLS?
        let authentication: BasicAuthentication?
        private let headers: [(name: String, value: String)]

        init(_ rules: AccessRules, after old: Current? = nil) throws(HTTPServerError) {
            self.rules = rules
            tls = try rules.tls.map { (files) throws(HTTPServerError) in try ServerTLS(files) }
            // Who has logged in stays so.
            let isAsBefore = old?.rules.users == rules.users
            authentication = isAsBefore ? old?.authentication : try BasicAuthentication(users: rules.users)
            headers = Self.fields(rules.headers)
        }

        fileprivate init() {
            rules = AccessRules()
            tls = nil
            authentication = nil
            headers = Self.fields([:])
        }

        /// No browser may take an answer for something else than it says, whatever is in it.
        private static func fields(_ given: [String: String]) -> [(name: String, value: String)] {
            let fields = given.merging(["X-Content-Type-Options": "nosniff"]) { given, _ in given }
            return fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        }

        /// The answer with the fields that it does not set itself.
        func completed(_ response: HTTPResponse) -> HTTPResponse {
            var response = response
            for (name, value) in headers where response.headers.first(name) == nil {
                response.headers.add(name, value)
            }
            return response
        }
    }

    private let state: Mutex<Current>

    /// Puts rules into force; the files that they name are read now.
    ///
    /// - Throws: `HTTPServerError` for a file or a hash that cannot be used.
    public init(_ rules: AccessRules) throws(HTTPServerError) {
        state = Mutex(try Current(rules))
    }

    private init() {
        state = Mutex(Current())
    }

    /// Everybody may ask, by plain HTTP.
    public static func open() -> ServerAccess {
        ServerAccess()
    }

    var current: Current {
        state.withLock { $0 }
    }

    /// Replaces the rules; what cannot be put into force changes nothing.
    ///
    /// - Throws: `HTTPServerError` for a file or a hash that cannot be used, and where HTTPS begins or ends: the
    ///   addresses that others have of this server would be wrong.
    public func replace(with rules: AccessRules) throws(HTTPServerError) {
        guard (rules.tls == nil) == (current.rules.tls == nil) else { throw .tlsNeedsRestart }
        let new = try Current(rules, after: current)
        state.withLock { $0 = new }
    }
}
