import Alerting
import JSON
import Metrics
import PromQL

/// Writes rule groups, rules and alerts as `/api/v1/rules` and `/api/v1/alerts` give them.
enum RuleWriter {
    /// Writes a group with some of its rules.
    static func write(
        _ group: RuleGroupEvaluation,
        rules: [RuleEvaluation],
        withAlerts: Bool,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("name", group.group.name)
            writer.member("file", group.group.file)
            writer.key("rules")
            writer.array(of: rules) { write($1, withAlerts: withAlerts, to: &$0) }
            writer.key("interval")
            writeSeconds(group.group.intervalMilliseconds, to: &writer)
            writer.member("limit", group.group.limit)
            writeEvaluation(time: group.duration, last: group.lastEvaluation, to: &writer)
        }
    }

    private static func write(_ rule: RuleEvaluation, withAlerts: Bool, to writer: inout JSONWriter) {
        writer.object { writer in
            if let alerting = rule.rule.alerting {
                write(rule, alerting, withAlerts: withAlerts, to: &writer)
            } else {
                writeName(of: rule, to: &writer)
                if !rule.rule.labels.isEmpty {
                    writer.key("labels")
                    QueryResultWriter.write(rule.rule.labels, to: &writer)
                }
            }
            writer.member("health", rule.health.status.rawValue)
            if !rule.health.lastError.isEmpty {
                writer.member("lastError", rule.health.lastError)
            }
            writeEvaluation(time: rule.health.duration, last: rule.health.lastEvaluation, to: &writer)
            writer.member("type", rule.rule.alerting == nil ? "recording" : "alerting")
        }
    }

    private static func write(
        _ rule: RuleEvaluation,
        _ alerting: Rule.Alerting,
        withAlerts: Bool,
        to writer: inout JSONWriter
    ) {
        writer.member("state", rule.state.rawValue)
        writeName(of: rule, to: &writer)
        writer.key("duration")
        writeSeconds(alerting.holdMilliseconds, to: &writer)
        writer.key("keepFiringFor")
        writeSeconds(alerting.keepFiringMilliseconds, to: &writer)
        writer.key("labels")
        QueryResultWriter.write(rule.rule.labels, to: &writer)
        writer.key("annotations")
        writer.object { writer in
            for (name, template) in alerting.annotations {
                writer.member(name, template.text)
            }
        }
        writer.key("alerts")
        writer.array(of: withAlerts ? rule.activeAlerts : []) { write($1, to: &$0) }
    }

    private static func writeName(of rule: RuleEvaluation, to writer: inout JSONWriter) {
        writer.member("name", rule.rule.name)
        writer.member("query", rule.rule.query.text)
    }

    static func write(_ alert: Alert, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("labels")
            QueryResultWriter.write(alert.labels, to: &writer)
            writer.key("annotations")
            QueryResultWriter.write(alert.annotations, to: &writer)
            writer.member("state", alert.state.rawValue)
            writer.member("activeAt", PrometheusTime.rfc3339(alert.activeAt))
            if let since = alert.keepFiringSince {
                writer.member("keepFiringSince", PrometheusTime.rfc3339(since))
            }
            writer.member("value", GoText.exponential(alert.value))
        }
    }

    private static func writeEvaluation(time: Duration, last: Int64?, to writer: inout JSONWriter) {
        writer.key("evaluationTime")
        writer.number(time.inSeconds)
        writer.member("lastEvaluation", last.map(PrometheusTime.rfc3339) ?? PrometheusTime.never)
    }

    private static func writeSeconds(_ milliseconds: Int64, to writer: inout JSONWriter) {
        PrometheusTime.append(milliseconds, to: &writer)
    }
}
