import HTTPServer

/// Lets nobody change anything through somebody else's browser.
///
/// A browser says where a request comes from, and keeps a foreign page from reading the token; a program that is no
/// browser sends neither of the fields, has no credentials but its own, and needs no token.
struct ChangeGuard: Sendable {
    /// The field that carries the token.
    static let tokenField = "X-Redstart-Token"

    /// New with each start of the program.
    let token: String
    /// The name under which people open the page, in lower case.
    private let hostName: String?

    init(hostName: String? = nil) {
        self.hostName = hostName?.lowercased()
        token = (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    }

    /// Why a request may not change anything; `nil` if it may.
    func problem(with request: HTTPRequest) -> String? {
        if let problem = Self.foreignOrigin(of: request) { return problem }
        let headers = request.headers
        guard headers.first("origin") != nil || headers.first("sec-fetch-site") != nil else { return nil }
        guard isOwn(headers.first("host") ?? "") else {
            return "the page was opened under a name that may be anybody's; "
                + "open it by its address or under the name in --web.external-url"
        }
        guard let given = request.headers.first(Self.tokenField), Self.areEqual(given, token) else {
            return "the field \(Self.tokenField) is missing or old; load the page again"
        }
        return nil
    }

    /// Whether nobody else can have made this name of the daemon: an address, a name without a dot, or the one known.
    ///
    /// Whoever owns a name can let it point here, and his page is of the same origin then (DNS rebinding).
    private func isOwn(_ authority: String) -> Bool {
        if authority.hasPrefix("[") { return true }
        let host = authority.prefix { $0 != ":" }.lowercased()
        return !host.contains(".") || host == hostName || host.utf8.allSatisfy { "0123456789.".utf8.contains($0) }
    }

    /// That the request was caused by somebody else's page; `nil` where it was not, or by no browser.
    static func foreignOrigin(of request: HTTPRequest) -> String? {
        if let site = request.headers.first("sec-fetch-site"), site != "same-origin", site != "none" {
            return "the request comes from another site (Sec-Fetch-Site: \(site.prefix(40)))"
        }
        if let origin = request.headers.first("origin"),
            authority(of: origin) != request.headers.first("host")?.lowercased()
        {
            return "the request comes from another origin than the page"
        }
        return nil
    }

    /// `host:port` of `https://host:port`.
    private static func authority(of origin: String) -> String? {
        guard let end = origin.firstRange(of: "://")?.upperBound else { return nil }
        return origin[end...].lowercased()
    }

    /// Takes the same time wherever the texts differ.
    private static func areEqual(_ first: String, _ second: String) -> Bool {
        let (first, second) = (Array(first.utf8), Array(second.utf8))
        guard first.count == second.count else { return false }
        return zip(first, second).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
