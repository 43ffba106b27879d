import Alerting
import HTTPServer
import JSON
import Metrics
import PromQL

/// The alerts as the page shows them: `/api/redstart/v1/alerts`, and a part of the live feed.
struct AlertsDocument: Sendable {
    /// Alerts beyond this number are only counted, those that do not fire first.
    private static let limit = 500

    /// The rule groups as they are now.
    let groups: @Sendable () async -> [RuleGroupEvaluation]
    /// Who keeps the silences; `nil` where there are none.
    let notifications: NotificationService?

    /// An alert with the rule it comes from.
    private struct Entry {
        let alert: Alert
        let rule: Rule
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let document = await render()
        return PrometheusResponse.success { $0.raw(document) }
    }

    /// What decides whether the document may be another one than before.
    struct Revision: Equatable {
        let evaluations: [Int64?]
        let silences: [String]
    }

    /// The revision of now, which costs far less than the document.
    func revision() async -> Revision {
        let now = WallClock.milliseconds()
        let silences = (await notifications?.silences ?? []).filter { $0.state(at: now) == .active }
        return Revision(
            evaluations: await groups().map(\.lastEvaluation),
            silences: silences.map { "\($0.id) \($0.updatedAt)" }
        )
    }

    /// The document as JSON; the same bytes as long as nothing has changed.
    func render() async -> [UInt8] {
        let now = WallClock.milliseconds()
        let silences = (await notifications?.silences ?? []).filter { $0.state(at: now) == .active }
        let all = await groups().flatMap(\.rules).flatMap { evaluation in
            evaluation.activeAlerts.map { Entry(alert: $0, rule: evaluation.rule) }
        }
        let firing = all.filter { $0.alert.state == .firing }
        let others = all.filter { $0.alert.state != .firing }
        let newestFirst = [firing, others].flatMap { $0.sorted { $0.alert.activeAt > $1.alert.activeAt } }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("firing", firing.count)
            writer.member("pending", others.count)
            writer.key("alerts")
            writer.array(of: newestFirst.prefix(Self.limit)) { Self.write($1, silences, to: &$0) }
        }
        return writer.bytes
    }

    private static func write(_ entry: Entry, _ silences: [Silence], to writer: inout JSONWriter) {
        let alert = entry.alert
        writer.object { writer in
            writer.member("state", alert.state.rawValue)
            writer.key("labels")
            QueryResultWriter.write(alert.labels, to: &writer)
            writer.key("annotations")
            QueryResultWriter.write(alert.annotations, to: &writer)
            writer.key("value")
            writer.string(NumberFormat.decimalText(alert.value))
            writer.key("activeAt")
            PrometheusTime.append(alert.activeAt, to: &writer)
            if let firedAt = alert.firedAt {
                writer.key("firedAt")
                PrometheusTime.append(firedAt, to: &writer)
            }
            if let since = alert.keepFiringSince {
                writer.key("keepFiringSince")
                PrometheusTime.append(since, to: &writer)
            }
            if let settings = entry.rule.alerting {
                writer.key("hold")
                PrometheusTime.append(settings.holdMilliseconds, to: &writer)
            }
            writer.member("expression", entry.rule.query.text)
            writer.key("plot")
            ComparisonWriter.write(entry.rule.query, narrowedTo: alert.labels["instance"], to: &writer)
            writer.key("silences")
            writer.array(of: silences.filter { $0.isAbout(alert.labels) }) { $0.string($1.id) }
        }
    }
}

/// Writes what of a rule can be plotted.
enum ComparisonWriter {
    /// `{"query":…,"operator":…,"threshold":…}`, with `thresholdQuery` where the threshold is an expression; of an
    /// expression that compares nothing the query alone.
    static func write(_ query: Query, narrowedTo instance: String?, to writer: inout JSONWriter) {
        let matchers = instance.map { [LabelMatcher(name: "instance", equals: $0)] } ?? []
        writer.object { writer in
            guard let comparison = query.comparison(narrowedTo: matchers) else {
                return writer.member("query", query.narrowed(to: matchers))
            }
            writer.member("query", comparison.compared)
            writer.member("operator", comparison.operation.rawValue)
            switch comparison.limit {
            case .number(let number):
                writer.key("threshold")
                writer.number(number)
            case .expression(let text):
                writer.member("thresholdQuery", text)
            }
        }
    }
}
