import FoundationEssentials
import HTTPClient

/// What the daemon tells for one picture.
struct TopData {
    /// `data` of an answer.
    private struct Answer<Content: Decodable>: Decodable {
        let data: Content
    }

    struct Alerts: Decodable {
        struct Alert: Decodable {
            let state: String
            let labels: [String: String]
            let annotations: [String: String]
            let value: String
            let activeAt: Double
            let silences: [String]
        }

        let firing: Int
        let pending: Int
        let alerts: [Alert]
    }

    struct Nodes: Decodable {
        struct Node: Decodable {
            let instance: String
            let state: String
            let role: String
            let deployment: String
            let version: String
            let reason: String?
            let memoryUsed: Double?
            let memoryMax: Double?
            let clients: Double?
            let operations: Double?
            let uptime: Double?
        }

        let nodes: [Node]
    }

    struct Events: Decodable {
        struct Event: Decodable {
            let time: Double
            let kind: String
            let text: String
        }

        let events: [Event]
    }

    var alerts: Alerts
    var nodes: Nodes
    var events: Events

    /// Asks a daemon.
    ///
    /// - Throws: `DaemonError` where it does not answer, or is none that has these answers.
    static func ask(_ client: DaemonClient) async throws(DaemonError) -> TopData {
        TopData(
            alerts: try await get("/api/redstart/v1/alerts", client),
            nodes: try await get("/api/redstart/v1/nodes", client),
            events: try await get("/api/redstart/v1/events?limit=50", client)
        )
    }

    private static func get<Content: Decodable>(
        _ path: String,
        _ client: DaemonClient
    ) async throws(DaemonError) -> Content {
        let answer = try await client.get(path)
        guard answer.status == 200,
            let decoded = try? JSONDecoder().decode(Answer<Content>.self, from: Data(answer.body))
        else {
            throw DaemonError(
                "\(client.url) answers \(path) with status \(answer.status) and no data of Redstart. "
                    + "Is it `redstart serve` of this version? (--url)")
        }
        return decoded.data
    }
}
