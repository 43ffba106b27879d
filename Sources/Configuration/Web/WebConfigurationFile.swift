import Files
public import HTTPServer
import YAML

/// What a `web.yml` says, the file in which programs around Prometheus have HTTPS and users.
///
/// https://prometheus.io/docs/prometheus/latest/configuration/https/
public struct WebConfigurationFile: Sendable {
    /// Who may ask, and how.
    public var access = AccessRules()
    /// What it says that has no effect here, one line each.
    public var remarks: [String] = []

    private static let maximumSize = 1 << 20

    /// Reads a file.
    public init(path: String) throws(ConfigurationError) {
        let bytes: [UInt8]
        do {
            bytes = try FileContents.read(path, limit: Self.maximumSize)
        } catch {
            throw .unreadable(error)
        }
        try self.init(bytes, path: path)
    }

    /// Reads a text that stands in a file.
    init(_ bytes: [UInt8], path: String) throws(ConfigurationError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        do {
            let limits = YAMLLimits(bytes: Self.maximumSize, depth: 16, nodes: 50_000)
            guard let root = try YAMLDocument.parse(bytes, file: path, limits: limits) else { return }
            var sections = WebSections()
            try WebSections.keys.read(root, "web.yml", with: ValueReader(directory: directory), into: &sections)
            access = AccessRules(tls: sections.tls, users: sections.users, headers: sections.http.headers)
            remarks = sections.tlsRemarks + sections.http.remarks
        } catch {
            throw .invalid(error)
        }
    }
}

/// The sections of the file.
private struct WebSections {
    var tls: ServerTLSFiles?
    var tlsRemarks: [String] = []
    var http = WebHTTPSettings()
    var users: [String: AccessRules.Password] = [:]

    static let keys = KeyTable<WebSections>([
        Key("tls_server_config") { (reader, node, sections) throws(YAMLError) in
            let settings = try reader.webTLS(node)
            sections.tls = try settings.files(node)
            sections.tlsRemarks = settings.remarks
        },
        Key("http_server_config", \.http, ValueReader.webHTTP),
        Key("basic_auth_users", \.users, ValueReader.webUsers),
    ])
}

/// `http_server_config`.
private struct WebHTTPSettings {
    var headers: [String: String] = [:]
    var remarks: [String] = []

    static let keys = KeyTable<WebHTTPSettings>([
        Key("http2") { (_, node, settings) throws(YAMLError) in
            if try node.boolean() {
                settings.remarks.append("\(node.location): http2 has no effect, clients are answered by HTTP/1.1")
            }
        },
        Key("headers", \.headers, ValueReader.webHeaders),
    ])
}

extension ValueReader {
    fileprivate func webHTTP(_ node: YAMLNode) throws(YAMLError) -> WebHTTPSettings {
        var settings = WebHTTPSettings()
        try WebHTTPSettings.keys.read(node, "http_server_config", with: self, into: &settings)
        return settings
    }

    /// The fields that Prometheus allows, with the values that it allows.
    fileprivate func webHeaders(_ node: YAMLNode) throws(YAMLError) -> [String: String] {
        let allowed = [
            "Strict-Transport-Security": [], "X-Content-Type-Options": ["nosniff"],
            "X-Frame-Options": ["deny", "sameorigin"], "X-XSS-Protection": [], "Content-Security-Policy": [],
        ]
        var headers: [String: String] = [:]
        for entry in try node.entries("a mapping of header fields to values") {
            guard let values = allowed[entry.key] else {
                throw Self.unknown(entry.key, at: entry.keyLocation, "a header field that can be set", allowed.keys)
            }
            let value = try text(entry.value)
            guard values.isEmpty || values.contains(value) else {
                throw Self.unknown(value, at: entry.value.location, "a value of \(entry.key)", values)
            }
            guard value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
                throw entry.value.error("the value of a header field is one line of ASCII")
            }
            headers[entry.key] = value
        }
        return headers
    }

    /// Users with hashes, which are shown in no message.
    fileprivate func webUsers(_ node: YAMLNode) throws(YAMLError) -> [String: AccessRules.Password] {
        guard node.isMapping else { throw node.error("the users are none", expected: "a mapping of names to hashes") }
        var users: [String: AccessRules.Password] = [:]
        for entry in try node.entries() {
            guard !entry.key.isEmpty, !entry.key.contains(":") else {
                throw YAMLError(at: entry.keyLocation, "the name of a user is empty or has a colon")
            }
            guard case .scalar(let scalar) = entry.value.content, AccessRules.isPasswordHash(scalar.text) else {
                throw entry.value.error(
                    "the password of this user is no hash of bcrypt",
                    expected: "$2a$, $2b$ or $2y$, a cost from 04 to 20 and 53 characters, as 'htpasswd -nB' prints it"
                )
            }
            users[entry.key] = .bcrypt(scalar.text)
        }
        return users
    }

    /// That something is not among the names it could be.
    static func unknown(
        _ name: String,
        at location: YAMLLocation,
        _ what: String,
        _ names: some Collection<String>
    ) -> YAMLError {
        let names = names.sorted()
        let near = nearestName(to: name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
        return YAMLError(
            at: location,
            "\"\(name.prefix(64))\" is not \(what)\(near)",
            expected: "one of " + names.joined(separator: ", ")
        )
    }
}

extension YAMLNode {
    fileprivate var isMapping: Bool {
        if case .mapping = content { true } else { isNull }
    }
}
