import Alerting
import HTTPServer
import Metrics
import PromQL

/// `/api/v1/rules` and `/api/v1/alerts`: what is evaluated, and what came of it.
struct RuleRoutes: Sendable {
    /// The rule groups as they are now.
    let groups: @Sendable () async -> [RuleGroupEvaluation]

    func alerts(_ request: HTTPRequest) async -> HTTPResponse {
        let groups = await groups()
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("alerts")
                writer.array { writer in
                    for alert in groups.flatMap(\.rules).flatMap(\.activeAlerts) {
                        Self.write(alert, to: &writer)
                    }
                }
            }
        }
    }

    func rules(_ request: HTTPRequest) async -> HTTPResponse {
        let type = request.query.first("type")
        guard type == nil || type == "alert" || type == "record" else {
            return PrometheusResponse.badParameter("type", "not supported value \"\(type ?? "")\"")
        }
        let groups = await groups()
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("groups")
                writer.array(of: groups) { Self.write($1, type: type, to: &$0) }
            }
        }
    }

    private static func write(_ group: RuleGroupEvaluation, type: String?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(group.group.name)
            writer.key("file")
            writer.string(group.group.file)
            writer.key("rules")
            writer.array { writer in
                for rule in group.rules where type == nil || (type == "alert") == (rule.rule.alerting != nil) {
                    write(rule, to: &writer)
                }
            }
            writer.key("interval")
            writer.number(Double(group.group.intervalMilliseconds) / 1000)
            writer.key("limit")
            writer.number(group.group.limit)
            writeEvaluation(time: group.duration, last: group.lastEvaluation, to: &writer)
        }
    }

    private static func write(_ rule: RuleEvaluation, to writer: inout JSONWriter) {
        writer.object { writer in
            if let alerting = rule.rule.alerting {
                writer.key("state")
                writer.string(rule.state.rawValue)
                writeName(of: rule, to: &writer)
                writer.key("duration")
                writer.number(Double(alerting.holdMilliseconds) / 1000)
                writer.key("keepFiringFor")
                writer.number(Double(alerting.keepFiringMilliseconds) / 1000)
                writer.key("labels")
                QueryResultWriter.write(rule.rule.labels, to: &writer)
                writer.key("annotations")
                writer.object { writer in
                    for (name, template) in alerting.annotations {
                        writer.key(name)
                        writer.string(template.text)
                    }
                }
                writer.key("alerts")
                writer.array(of: rule.activeAlerts) { write($1, to: &$0) }
            } else {
                writeName(of: rule, to: &writer)
                if !rule.rule.labels.isEmpty {
                    writer.key("labels")
                    QueryResultWriter.write(rule.rule.labels, to: &writer)
                }
            }
            writer.key("health")
            writer.string(rule.health.status.rawValue)
            if !rule.health.lastError.isEmpty {
                writer.key("lastError")
                writer.string(rule.health.lastError)
            }
            writeEvaluation(time: rule.health.duration, last: rule.health.lastEvaluation, to: &writer)
            writer.key("type")
            writer.string(rule.rule.alerting == nil ? "recording" : "alerting")
        }
    }

    private static func writeName(of rule: RuleEvaluation, to writer: inout JSONWriter) {
        writer.key("name")
        writer.string(rule.rule.name)
        writer.key("query")
        writer.string(rule.rule.query.text)
    }

    private static func write(_ alert: Alert, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("labels")
            QueryResultWriter.write(alert.labels, to: &writer)
            writer.key("annotations")
            QueryResultWriter.write(alert.annotations, to: &writer)
            writer.key("state")
            writer.string(alert.state.rawValue)
            writer.key("activeAt")
            writer.string(PrometheusTime.rfc3339(alert.activeAt))
            if let since = alert.keepFiringSince {
                writer.key("keepFiringSince")
                writer.string(PrometheusTime.rfc3339(since))
            }
            writer.key("value")
            writer.string(NumberFormat.decimalText(alert.value))
        }
    }

    private static func writeEvaluation(time: Duration, last: Int64?, to writer: inout JSONWriter) {
        writer.key("evaluationTime")
        writer.number(Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
        writer.key("lastEvaluation")
        writer.string(last.map(PrometheusTime.rfc3339) ?? PrometheusTime.never)
    }
}
