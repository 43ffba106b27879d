import Alerting
import HTTPServer
import JSON
import PromQL

/// `/api/v1/rules` and `/api/v1/alerts`: what is evaluated, and what came of it.
struct RuleRoutes: Sendable {
    /// The rule groups as they are now.
    let groups: @Sendable () async -> [RuleGroupEvaluation]
    let options: Query.Options

    func alerts(_ request: HTTPRequest) async -> HTTPResponse {
        let groups = await groups()
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("alerts")
                writer.array(of: groups.flatMap(\.rules).flatMap(\.activeAlerts)) { RuleWriter.write($1, to: &$0) }
            }
        }
    }

    func rules(_ request: HTTPRequest) async -> HTTPResponse {
        let groups = await groups()
        return PrometheusResponse.answer { () throws(APIError) in
            let filter = try RuleFilter(RequestParameters(request), options: options)
            let page = try filter.page(of: groups)
            return PrometheusResponse.success { writer in
                writer.object { writer in
                    writer.key("groups")
                    writer.array(of: page.groups) { writer, entry in
                        RuleWriter.write(
                            entry.group,
                            rules: entry.rules,
                            withAlerts: !filter.excludesAlerts,
                            to: &writer
                        )
                    }
                    if let token = page.nextToken { writer.member("groupNextToken", token) }
                }
            }
        }
    }
}
