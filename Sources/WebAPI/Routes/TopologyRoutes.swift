import HTTPServer
import JSON
import RedisClient
import RedisFleet

/// `/api/redstart/v1/topology` and `/api/redstart/v1/events`: what nodes say about each other, and what has happened.
struct TopologyRoutes: Sendable {
    /// Events in one answer where the request does not say how many.
    private static let defaultEvents = 100

    let fleet: Fleet

    func topology(_ request: HTTPRequest) async -> HTTPResponse {
        let name = RequestParameters(request).text("deployment")
        let topologies = await fleet.topologies()
        return PrometheusResponse.success { writer in
            TopologyDocument.write(topologies, deployment: name.isEmpty ? nil : name, to: &writer)
        }
    }

    func events(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            let limit = try parameters.limit() ?? Self.defaultEvents
            let name = parameters.text("deployment")
            let known = fleet.events(
                after: try number(parameters.text("after")),
                limit: limit,
                deployment: name.isEmpty ? nil : name
            )
            return PrometheusResponse.success { writer in
                writer.object { writer in
                    writer.member("last", known.last)
                    writer.key("events")
                    writer.array(of: known.events) { EventWriter.write($1, to: &$0) }
                }
            }
        }
    }

    private func number(_ text: String) throws(APIError) -> Int {
        guard !text.isEmpty else { return 0 }
        guard let number = Int(text), number >= 0 else {
            throw .badParameter("after", "expected the number of an event, such as 17")
        }
        return number
    }
}

/// Writes an event as all endpoints give it.
enum EventWriter {
    static func write(_ event: FleetEvent, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("number", event.number)
            writer.key("time")
            PrometheusTime.append(event.timestampMilliseconds, to: &writer)
            writer.member("kind", event.kind)
            writer.member("deployment", event.deployment)
            writer.member("instance", event.node?.description ?? "")
            writer.member("text", event.text)
        }
    }
}
