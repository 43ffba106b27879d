import Alerting
import ArgumentParser
import Glibc
import HTTPClient
import HTTPServer

/// Who is told of alerts, as far as the command line can say it.
struct NotificationOptions: ParsableArguments {
    @Option(
        name: .customLong("alertmanager.url"),
        parsing: .singleValue,
        help: ArgumentHelp("An Alertmanager that gets every alert: http://host:9093; repeatable.", valueName: "url")
    )
    var alertmanagers: [String] = []

    @Option(
        name: .customLong("webhook.url"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A webhook that gets messages in the format of Alertmanager, grouped by alert; repeatable.",
            valueName: "url"
        )
    )
    var webhooks: [String] = []

    @Option(
        name: .customLong("notify-group-wait"),
        help: "Time from the first alert of a group to its first message, for --webhook.url."
    )
    var groupWait = DurationOption(.seconds(30))

    @Option(
        name: .customLong("notify-group-interval"),
        help: "Time from one message of a group to the next that has news, for --webhook.url."
    )
    var groupInterval = DurationOption(.seconds(300))

    @Option(name: .customLong("notify-give-up"), help: "How long a message is tried to be delivered.")
    var giveUp = DurationOption(.seconds(3600))

    @Option(
        name: .customLong("web.external-url"),
        help: ArgumentHelp("Address under which people reach Redstart, for links in messages.", valueName: "url")
    )
    var externalURL: String?

    @Flag(name: .customLong("web.enable-admin"), help: "Allow changes over HTTP: making and ending silences.")
    var allowsChanges = false

    func validate() throws {
        try giveUp.requireAtLeast(.seconds(1), "--notify-give-up")
        try groupInterval.requireAtLeast(.milliseconds(100), "--notify-group-interval")
        for address in alertmanagers { _ = try Self.url(address, "--alertmanager.url") }
        for address in webhooks { _ = try Self.url(address, "--webhook.url") }
        if let externalURL { _ = try Self.url(externalURL, "--web.external-url") }
    }

    /// Joins what the options say.
    ///
    /// - Parameter listenAddress: Where people reach the daemon if nothing else is said.
    func configuration(listenAddress: ListenAddress) throws -> NotificationConfiguration {
        var configuration = NotificationConfiguration()
        configuration.alertmanagers = try alertmanagers.map { address in
            Alertmanager(url: try Self.url(address, "--alertmanager.url"))
        }
        for (index, address) in webhooks.enumerated() {
            let url = try Self.url(address, "--webhook.url")
            let name = index == 0 ? "webhook" : "webhook-\(index + 1)"
            configuration.receivers.append(Receiver(name: name, webhook: url))
        }
        let timing = AlertRoute.Timing(
            groupWait: groupWait.duration.milliseconds,
            groupInterval: groupInterval.duration.milliseconds
        )
        let names = configuration.receivers.map(\.name)
        if let first = names.first {
            configuration.route = AlertRoute(
                receiver: first,
                timing: timing,
                children: names.map { AlertRoute(receiver: $0, timing: timing, continues: true) }
            )
        }
        configuration.externals = TemplateExternals(url: externalURL ?? Self.url(of: listenAddress))
        configuration.giveUpAfter = giveUp.duration
        return configuration
    }

    private static func url(_ text: String, _ option: String) throws -> HTTPURL {
        do {
            return try HTTPURL(text)
        } catch {
            throw ValidationError("\(option) takes an address such as http://host:9093; this is none: \(error)")
        }
    }

    private static func url(of address: ListenAddress) -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "http://\(host):\(address.port)"
    }
}
