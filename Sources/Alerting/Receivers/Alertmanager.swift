public import HTTPClient
import Metrics
import Outbound
public import YAML

/// Alertmanagers that get every alert: some addresses, or all that a DNS name stands for.
public struct Alertmanager: Sendable {
    /// Their addresses, the path prefix included.
    let urls: [HTTPURL]
    /// Whether the hosts of the addresses stand for several, each of which is one Alertmanager.
    let discovers: Bool
    let access: HTTPAccess
    /// What is done to the labels before they are sent.
    let relabelling: [RelabelRule]

    /// The Alertmanager at an address, as the command line names it.
    public init(url: HTTPURL) {
        self.init(urls: [url], discovers: false, access: HTTPAccess(), relabelling: [])
    }

    private init(urls: [HTTPURL], discovers: Bool, access: HTTPAccess, relabelling: [RelabelRule]) {
        self.urls = urls
        self.discovers = discovers
        self.access = access
        self.relabelling = relabelling
    }

    /// Reads the field `alertmanagers`.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public static func list(_ node: YAMLNode) throws(YAMLError) -> [Alertmanager] {
        var result: [Alertmanager] = []
        for item in try node.items("a list of Alertmanagers") { result.append(try Alertmanager(item)) }
        return result
    }

    private init(_ node: YAMLNode) throws(YAMLError) {
        self = try node.read("an Alertmanager") { (fields) throws(YAMLError) in
            var urls: [HTTPURL] = []
            if let url = fields.optional("url") { urls.append(try url.httpURL()) }
            for url in try fields.optional("urls")?.items("a list of addresses") ?? [] {
                urls.append(try url.httpURL())
            }
            let name = fields.optional("dns_url")
            if let name { urls.append(try name.httpURL()) }
            guard name == nil ? !urls.isEmpty : urls.count == 1 else {
                throw node.error("an Alertmanager needs an address", expected: "one of `url`, `urls` and `dns_url`")
            }
            return Alertmanager(
                urls: urls,
                discovers: name != nil,
                access: try fields.access(),
                relabelling: try fields.optional("alert_relabel_configs").map(RelabelRule.list) ?? []
            )
        }
    }
}
