import FoundationEssentials
import HTTPClient

/// An answer of `/api/v1/query` or `/api/v1/query_range`, as far as the command reads it.
struct QueryResponse: Decodable {
    let status: String
    let error: String?
    let data: QueryData?
    let warnings: [String]?
    let infos: [String]?

    /// Reads the answer of a server that may be anything.
    ///
    /// - Throws: `DaemonError` with what the server says, or with its status where it does not speak the API.
    static func read(_ answer: ClientResponse, from url: HTTPURL) throws(DaemonError) -> QueryResponse {
        guard let response = try? JSONDecoder().decode(QueryResponse.self, from: Data(answer.body)) else {
            let start = TextTable.oneLine(String(decoding: answer.body.prefix(200), as: UTF8.self))
            throw DaemonError(
                "\(url) does not answer as the Prometheus API does: status \(answer.status), \(start)"
            )
        }
        guard response.status == "success" else {
            throw DaemonError(response.error ?? "\(url) gives status \(answer.status) and no reason")
        }
        return response
    }
}

/// The value of a query.
struct QueryData: Decodable {
    struct Point: Decodable {
        let seconds: Double
        /// The number as the server wrote it.
        let value: String

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            seconds = try parts.decode(Double.self)
            value = try parts.decode(String.self)
        }

        /// `nil` for what is no number.
        var number: Double? {
            switch value {
            case "NaN": .nan
            case "+Inf": .infinity
            case "-Inf": -.infinity
            default: Double(value)
            }
        }
    }

    struct Series: Decodable {
        let labels: [String: String]
        let points: [Point]

        private enum CodingKeys: String, CodingKey {
            case metric, value, values
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            labels = try members.decode([String: String].self, forKey: .metric)
            if let values = try members.decodeIfPresent([Point].self, forKey: .values) {
                points = values
            } else {
                points = [try members.decode(Point.self, forKey: .value)]
            }
        }

        /// `name{label="value"}`, without a brace where there are no labels.
        var text: String {
            let pairs = labels.filter { $0.key != "__name__" }.sorted { $0.key < $1.key }
            let name = labels["__name__"] ?? ""
            if pairs.isEmpty { return name.isEmpty ? "{}" : name }
            return name + "{" + pairs.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ", ") + "}"
        }
    }

    enum Result {
        case series([Series])
        /// A scalar or a string.
        case single(Point)
    }

    let resultType: String
    let result: Result

    private enum CodingKeys: String, CodingKey {
        case resultType, result
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        resultType = try members.decode(String.self, forKey: .resultType)
        if ["scalar", "string"].contains(resultType) {
            result = .single(try members.decode(Point.self, forKey: .result))
        } else {
            result = .series(try members.decode([Series].self, forKey: .result))
        }
    }
}
