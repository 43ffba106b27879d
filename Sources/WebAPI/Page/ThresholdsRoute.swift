import Alerting
import HTTPServer
import JSON
import Metrics

/// `/api/redstart/v1/thresholds`: what each alerting rule compares, and with what, to be drawn into plots.
///
/// With the parameter `instance` the queries are narrowed to one node.
struct ThresholdsRoute: Sendable {
    /// The rule groups as they are now.
    let groups: @Sendable () async -> [RuleGroupEvaluation]

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let instance = RequestParameters(request).text("instance")
        let rules = await groups().flatMap(\.group.rules).filter { $0.alerting != nil }
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("thresholds")
                writer.array(of: rules) { writer, rule in
                    writer.object { writer in
                        writer.member("alert", rule.name)
                        writer.member("severity", rule.labels["severity"] ?? "")
                        writer.key("plot")
                        ComparisonWriter.write(
                            rule.query,
                            narrowedTo: instance.isEmpty ? nil : instance,
                            to: &writer
                        )
                    }
                }
            }
        }
    }
}
