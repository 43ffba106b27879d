import FoundationEssentials
import HTTPClient

/// An answer of the Prometheus API.
struct APIAnswer<Content: Decodable> {
    let data: Content
    /// What may be wrong with it, for people.
    let warnings: [String]

    private struct Envelope: Decodable {
        let status: String
        let error: String?
        let data: Content?
        let warnings: [String]?
        let infos: [String]?
    }

    /// Reads the answer of a server that may be anything.
    ///
    /// - Throws: `DaemonError` with what the server says, or with its status where it does not speak the API.
    init(_ answer: ClientResponse, from url: HTTPURL) throws(DaemonError) {
        guard let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(answer.body)) else {
            let start = TextTable.oneLine(String(decoding: answer.body.prefix(200), as: UTF8.self))
            throw DaemonError("\(url) does not answer as the Prometheus API does: status \(answer.status), \(start)")
        }
        guard envelope.status == "success", let data = envelope.data else {
            let reason = envelope.error ?? "\(url) gives status \(answer.status) and no reason"
            // A line points to the place of a mistake in the line above; nothing else may move the cursor.
            let lines = reason.split(separator: "\n", omittingEmptySubsequences: false)
            throw DaemonError(lines.map { TextTable.oneLine(String($0)) }.joined(separator: "\n"))
        }
        self.data = data
        warnings = (envelope.warnings ?? []) + (envelope.infos ?? [])
    }
}
