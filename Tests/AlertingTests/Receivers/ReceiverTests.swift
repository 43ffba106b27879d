import Metrics
import Outbound
import TestServers
import Testing
import YAML

@testable import Alerting

@Suite("Receivers: what they are sent, and how they are configured")
struct ReceiverTests {
    private func node(_ text: String) throws -> YAMLNode {
        try #require(try YAMLDocument.parse(Array(text.utf8), file: "redstart.yml"))
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try Receiver.list(try node(text))
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func message(_ alerts: [NotifiedAlert]) -> NotificationMessage {
        NotificationMessage(
            id: 7,
            receiver: "team",
            groupKey: "{}:{alertname=\"A\"}",
            groupLabels: Labels([("alertname", "A")]),
            alerts: alerts,
            createdAt: 1_700_000_000_000
        )
    }

    private func alert(_ instance: String, endsAt: Int64? = nil) -> NotifiedAlert {
        NotifiedAlert(
            key: Labels([("alertname", "A"), ("instance", instance), ("severity", "critical")]),
            annotations: Labels([("summary", "<\(instance)> & co"), ("runbook_url", "/runbooks/A")]),
            startsAt: 1_700_000_000_123,
            endsAt: endsAt,
            generatorURL: "http://r/g"
        )
    }

    @Test("The webhook's body is that of Alertmanager, version 4")
    func webhook() {
        let one = message([alert("x"), alert("y", endsAt: 1_700_000_060_000)])
        let text = String(decoding: WebhookBody.render(one, externalURL: "http://r"), as: UTF8.self)
        let common = #"{"alertname":"A","severity":"critical"}"#
        for piece in [
            #"{"receiver":"team","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A","instance":"x""#,
            #""startsAt":"2023-11-14T22:13:20.123Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://r/g""#,
            #"{"status":"resolved","labels":{"alertname":"A","instance":"y","severity":"critical"}"#,
            #""endsAt":"2023-11-14T22:14:20.000Z""#,
            #""groupLabels":{"alertname":"A"},"commonLabels":\#(common),"#,
            #""commonAnnotations":{"runbook_url":"/runbooks/A"},"externalURL":"http://r","version":"4""#,
            #""groupKey":"{}:{alertname=\"A\"}","truncatedAlerts":0}"#,
        ] {
            #expect(text.contains(piece), "\(piece) in \(text)")
        }
        let over = message([alert("x", endsAt: 1)])
        let ended = String(decoding: WebhookBody.render(over, externalURL: ""), as: UTF8.self)
        #expect(ended.contains(#""status":"resolved","#))
    }

    /// As `amtool` and Prometheus compute it for `{alertname="test"}`: FNV-1a over `alertname\xfftest\xff`.
    @Test("A fingerprint is that of Prometheus; a delivery keeps its name, a group its own")
    func names() {
        #expect(Fingerprint.of("") == 0xcbf2_9ce4_8422_2325)
        #expect(Fingerprint.of("a") == 0xaf63_dc4c_8601_ec8c)
        let first = message([alert("x")])
        #expect(first.deliveryID == message([alert("y")]).deliveryID)
        #expect(first.groupID != first.deliveryID && first.groupID.count == 16)
        #expect(first.title == "[FIRING:1] A x")
        #expect(message([alert("x", endsAt: 1), alert("y", endsAt: 1)]).title == "[RESOLVED] A")
    }

    @Test("Slack gets one attachment, whose text cannot break out of it")
    func slack() throws {
        let receivers = try Receiver.list(
            try node("[{name: s, slack_configs: [{api_url: 'https://h/x', channel: '#a', send_resolved: true}]}]")
        )
        guard case .slack(let settings) = receivers[0].integrations[0] else {
            Issue.record("no Slack")
            return
        }
        let body = SlackBody.render(message([alert("x")]), settings: settings, externalURL: "http://r")
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(##""channel":"#a","attachments":[{"fallback":"[FIRING:1] A x""##))
        #expect(text.contains(#""color":"danger""#))
        // JSON writes `<` as an escape, too.
        #expect(text.contains(#"• &lt;x&gt; &amp; co (\u003chttp://r/runbooks/A|runbook>)"#))
    }

    @Test("PagerDuty gets a trigger and a resolve with the same key")
    func pagerDuty() {
        func text(_ alert: NotifiedAlert) -> String {
            let body = PagerDutyBody.render(
                message([alert]), routingKey: "R", severity: nil, externalURL: "http://r"
            )
            return String(decoding: body, as: UTF8.self)
        }
        let trigger = text(alert("x"))
        #expect(trigger.hasPrefix(#"{"routing_key":"R","event_action":"trigger","dedup_key":""#))
        #expect(trigger.contains(#""summary":"\u003cx> & co","source":"x","severity":"critical""#))
        #expect(trigger.contains(#""links":[{"href":"http://r/runbooks/A","text":"Runbook"}]"#))
        let resolve = text(alert("x", endsAt: 5))
        #expect(resolve.contains(#""event_action":"resolve","dedup_key":"\#(message([]).groupID)""#))
    }

    @Test("Mistakes in the configuration are told with their place, and without secrets")
    func mistakes() {
        #expect(problem("[{name: a}, {name: a}]").contains("redstart.yml:1:13: receiver `a` is there twice"))
        #expect(problem("[{name: a, webhook_config: []}]").contains("did you mean `webhook_configs`?"))
        let address = problem("[{name: a, webhook_configs: [{url: 'htp://user:secret@h'}]}]")
        #expect(address.contains("1:36: this is no address") && !address.contains("secret"))
        #expect(problem("[{name: a, slack_configs: [{}]}]").contains("a Slack webhook has no address"))
        #expect(problem("[{name: a, pagerduty_configs: [{routing_key: x, routing_key_file: y}]}]").contains("both"))
        #expect(problem("[{name: a, command_configs: [{command: [tell]}]}]").contains("no full path"))
        let twice = "[{name: a, webhook_configs: [{url: 'http://h', bearer_token: t, basic_auth: {username: u}}]}]"
        #expect(problem(twice).contains("2 kinds of credentials"))
        let half = "[{name: a, webhook_configs: [{url: 'http://h', tls_config: {cert_file: c}}]}]"
        #expect(problem(half).contains("both"))
    }

    @Test("A secret in a file is read when it is needed, without the line end")
    func secrets() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("s3cret \n", to: "token")
        #expect(try SecretText.file(path).read() == "s3cret")
        #expect(throws: SecretProblem.self) { try SecretText.file(path + ".missing").read() }
        var access = HTTPAccess()
        access.authorization = .other(type: "Bearer", .file(path))
        #expect(try access.headers().first?.value == "Bearer s3cret")
    }

    @Test("An Alertmanager gets what fires every minute, the end for as long as it is known, and pauses when it fails")
    func feed() {
        var feed = AlertmanagerFeed(giveUpAfter: 100_000)
        let firing = alert("x")
        #expect(feed.due([firing], at: 0) == [firing])
        feed.note(delivered: [firing], at: 0)
        #expect(feed.due([firing], at: 59_999) == [])
        #expect(feed.due([firing], at: 60_000) == [firing])
        let resolved = alert("x", endsAt: 5)
        #expect(feed.due([resolved], at: 10) == [resolved])
        feed.note(delivered: [resolved], at: 10)
        #expect(feed.due([resolved], at: 60_010) == [resolved])
        var reports = [feed.note(failed: 5000, at: 60_010, random: 1)]
        #expect(feed.due([resolved], at: 65_009) == [] && feed.due([resolved], at: 65_010) == [resolved])
        reports.append(feed.note(failed: nil, at: 160_010, random: 1))
        reports.append(feed.note(failed: nil, at: 260_010, random: 1))
        #expect(reports == [false, true, false], "reported once")
        feed.noteSuccess()
        #expect(!feed.isFailing)
    }

    @Test("Where others may tell the same alert, its end is not told, but that it fires again is")
    func feedOfOneOfMany() {
        var feed = AlertmanagerFeed(resendDelay: 30_000, tellsEnds: false, giveUpAfter: 100_000)
        let (firing, resolved) = (alert("x"), alert("x", endsAt: 5))
        feed.note(delivered: feed.due([firing], at: 0), at: 0)
        #expect(feed.due([resolved], at: 10) == [] && feed.due([resolved], at: 100_000) == [])
        #expect(feed.due([firing], at: 29_999) == [] && feed.due([firing], at: 30_000) == [firing])
    }

    @Test("What an Alertmanager is sent is relabelled, valid for a while, and leaves out what is dropped")
    func alertmanagerBody() throws {
        let rules = try RelabelRule.list(
            try node("[{action: drop, source_labels: [instance], regex: y}, {action: labeldrop, regex: severity}]")
        )
        let alerts = [alert("x"), alert("y")]
        let rendered = AlertmanagerBody.render(alerts[...], relabelling: rules, validUntil: 1_700_000_240_000)
        #expect(rendered.count == 1)
        let text = String(decoding: rendered.body, as: UTF8.self)
        #expect(text.hasPrefix(#"[{"labels":{"alertname":"A","instance":"x"},"annotations":"#))
        #expect(text.contains(#""endsAt":"2023-11-14T22:17:20.000Z""#))
    }
}
