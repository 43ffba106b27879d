public import HTTPClient
import Outbound
public import YAML

/// Someone who is told of alerts: a name, and one or more ways to tell.
public struct Receiver: Sendable {
    /// One way to tell.
    public enum Integration: Sendable {
        /// A webhook in the format of Alertmanager, version 4.
        case webhook(Webhook)
        /// A Slack incoming webhook.
        case slack(Slack)
        /// PagerDuty's Events API v2.
        case pagerDuty(PagerDuty)
        /// A program that is run, the webhook's body on its standard input.
        case command(Command)
    }

    /// A webhook.
    public struct Webhook: Sendable {
        /// Where.
        let url: HTTPURL
        /// How to get in.
        let access: HTTPAccess
        /// Whether it hears of what has ended.
        let sendsResolved: Bool
    }

    /// A Slack incoming webhook.
    public struct Slack: Sendable {
        /// The address, which is a secret itself.
        let url: SecretText
        let access: HTTPAccess
        let sendsResolved: Bool
        let channel: String?
        let username: String?
        let iconEmoji: String?
    }

    /// PagerDuty.
    public struct PagerDuty: Sendable {
        let url: HTTPURL
        let routingKey: SecretText
        /// What is told as severity; that of the alerts if not given.
        let severity: String?
        let access: HTTPAccess
        let sendsResolved: Bool
    }

    /// A program.
    public struct Command: Sendable {
        /// The program, a path, and its arguments.
        let words: [String]
        let timeout: Duration
        let sendsResolved: Bool
    }

    /// The name by which routes know it.
    public let name: String
    /// The ways to tell.
    public let integrations: [Integration]

    /// A receiver with one webhook, as the command line makes it.
    public init(name: String, webhook url: HTTPURL) {
        self.name = name
        integrations = [.webhook(Webhook(url: url, access: HTTPAccess(), sendsResolved: true))]
    }

    init(name: String, integrations: [Integration]) {
        self.name = name
        self.integrations = integrations
    }

    /// What names one of its ways, also to another process with the same configuration.
    func endpoint(_ index: Int) -> String {
        "\(name)/\(integrations[index].kind)/\(index)"
    }

    /// Reads the field `receivers`, in the form of Alertmanager.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public static func list(_ node: YAMLNode) throws(YAMLError) -> [Receiver] {
        var receivers: [Receiver] = []
        for item in try node.items("a list of receivers") {
            let receiver = try Receiver(item)
            if receivers.contains(where: { $0.name == receiver.name }) {
                throw item.error("receiver `\(receiver.name)` is there twice", expected: "each name once")
            }
            receivers.append(receiver)
        }
        return receivers
    }

    private init(_ node: YAMLNode) throws(YAMLError) {
        self = try node.read("a receiver") { (fields) throws(YAMLError) in
            let name = try fields.required("name").string("the name of the receiver")
            var integrations: [Integration] = []
            for item in try fields.optional("webhook_configs")?.items() ?? [] {
                integrations.append(.webhook(try item.webhook()))
            }
            for item in try fields.optional("slack_configs")?.items() ?? [] {
                integrations.append(.slack(try item.slack()))
            }
            for item in try fields.optional("pagerduty_configs")?.items() ?? [] {
                integrations.append(.pagerDuty(try item.pagerDuty()))
            }
            for item in try fields.optional("command_configs")?.items() ?? [] {
                integrations.append(.command(try item.command()))
            }
            return Receiver(name: name, integrations: integrations)
        }
    }
}

extension Receiver.Integration {
    /// Whether it hears of what has ended.
    var sendsResolved: Bool {
        switch self {
        case .webhook(let settings): settings.sendsResolved
        case .slack(let settings): settings.sendsResolved
        case .pagerDuty(let settings): settings.sendsResolved
        case .command(let settings): settings.sendsResolved
        }
    }

    /// Whether a message that may have arrived may be sent again: the receiver tells a repetition by its key.
    var toleratesRepetition: Bool {
        if case .pagerDuty = self { return true }
        return false
    }

    /// The kind, as in names of metrics' labels.
    var kind: String {
        switch self {
        case .webhook: "webhook"
        case .slack: "slack"
        case .pagerDuty: "pagerduty"
        case .command: "command"
        }
    }
}

extension YAMLNode {
    fileprivate func webhook() throws(YAMLError) -> Receiver.Webhook {
        try read("a webhook") { (fields) throws(YAMLError) in
            Receiver.Webhook(
                url: try fields.url("url"),
                access: try fields.access(),
                sendsResolved: try fields.optional("send_resolved")?.boolean() ?? true
            )
        }
    }

    fileprivate func slack() throws(YAMLError) -> Receiver.Slack {
        try read("a Slack webhook") { (fields) throws(YAMLError) in
            guard let url = try fields.secret("api_url") else {
                throw error("a Slack webhook has no address", expected: "`api_url` or `api_url_file`")
            }
            if case .given(let text) = url, (try? HTTPURL(text)) == nil {
                throw error("`api_url` is no address", expected: "one such as https://hooks.slack.com/services/…")
            }
            return Receiver.Slack(
                url: url,
                access: try fields.access(),
                // Alertmanager does not tell Slack of what has ended unless asked to.
                sendsResolved: try fields.optional("send_resolved")?.boolean() ?? false,
                channel: try fields.optional("channel")?.string(),
                username: try fields.optional("username")?.string(),
                iconEmoji: try fields.optional("icon_emoji")?.string()
            )
        }
    }

    fileprivate func pagerDuty() throws(YAMLError) -> Receiver.PagerDuty {
        try read("a PagerDuty service") { (fields) throws(YAMLError) in
            guard let key = try fields.secret("routing_key") else {
                throw error("a PagerDuty service has no key", expected: "`routing_key` or `routing_key_file`")
            }
            let url =
                if let given = fields.optional("url") {
                    try given.httpURL()
                } else {
                    try Self.pagerDutyEvents(at: self)
                }
            return Receiver.PagerDuty(
                url: url,
                routingKey: key,
                severity: try fields.optional("severity")?.string(),
                access: try fields.access(),
                sendsResolved: try fields.optional("send_resolved")?.boolean() ?? true
            )
        }
    }

    private static func pagerDutyEvents(at node: YAMLNode) throws(YAMLError) -> HTTPURL {
        do {
            return try HTTPURL("https://events.pagerduty.com/v2/enqueue")
        } catch {
            throw node.error(error.description)
        }
    }

    fileprivate func command() throws(YAMLError) -> Receiver.Command {
        try read("a command") { (fields) throws(YAMLError) in
            let node = try fields.required("command")
            let words = try node.strings("a word of the command")
            guard let program = words.first, program.hasPrefix("/") else {
                let example = "a list such as [/usr/local/bin/tell, --urgent]"
                throw node.error("the command has no full path", expected: example)
            }
            return Receiver.Command(
                words: words,
                timeout: .milliseconds(try fields.optional("timeout")?.positiveDuration() ?? 30_000),
                sendsResolved: try fields.optional("send_resolved")?.boolean() ?? true
            )
        }
    }
}
