import Alerting
import HTTPClient
import HTTPServer

/// Who is told of alerts, as far as options can say it.
struct NotificationOptions: Sendable {
    var alertmanagers: [String] = []
    var webhooks: [String] = []
    var groupWait: Duration = .seconds(30)
    var groupInterval: Duration = .seconds(300)
    var giveUp: Duration = .seconds(3600)
    /// Where people reach the daemon, for links in messages; `nil` for the name of this machine.
    var externalURL: String?
    /// Whether silences may be made and ended over HTTP.
    var allowsChanges = false

    /// Joins what the options say.
    ///
    /// - Parameters:
    ///   - listenAddress: Where people reach the daemon if nothing else is said.
    ///   - usesTLS: Whether they do so by HTTPS.
    /// - Throws: `InvalidOption` of an address that is none.
    func configuration(listenAddress: ListenAddress, usesTLS: Bool) throws(InvalidOption) -> NotificationConfiguration {
        var configuration = NotificationConfiguration()
        for address in alertmanagers {
            configuration.alertmanagers.append(Alertmanager(url: try Self.url(address, "--alertmanager.url")))
        }
        for (index, address) in webhooks.enumerated() {
            let url = try Self.url(address, "--webhook.url")
            let name = index == 0 ? "webhook" : "webhook-\(index + 1)"
            configuration.receivers.append(Receiver(name: name, webhook: url))
        }
        let timing = AlertRoute.Timing(groupWait: groupWait.milliseconds, groupInterval: groupInterval.milliseconds)
        let names = configuration.receivers.map(\.name)
        if let first = names.first {
            configuration.route = AlertRoute(
                receiver: first,
                timing: timing,
                children: names.map { AlertRoute(receiver: $0, timing: timing, continues: true) }
            )
        }
        if let externalURL { _ = try Self.url(externalURL, "--web.external-url") }
        let ownURL = Self.url(of: listenAddress, usesTLS ? "https" : "http")
        configuration.externals = TemplateExternals(url: externalURL ?? ownURL)
        configuration.giveUpAfter = giveUp
        return configuration
    }

    private static func url(_ text: String, _ option: String) throws(InvalidOption) -> HTTPURL {
        do {
            return try HTTPURL(text)
        } catch {
            throw InvalidOption("\(option) takes an address such as http://host:9093; this is none: \(error)")
        }
    }

    private static func url(of address: ListenAddress, _ scheme: String) -> String {
        "\(scheme)://\(Environment.hostName):\(address.port)"
    }
}
