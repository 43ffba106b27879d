import FoundationEssentials

/// An answer of the Prometheus API as clients read it: by the names of the fields, in any order.
struct PrometheusAnswer<Content: Decodable>: Decodable {
    let status: String
    let data: Content?
    let errorType: String?
    let error: String?
    let warnings: [String]?

    init(_ text: String) throws {
        self = try JSONDecoder().decode(PrometheusAnswer<Content>.self, from: Data(text.utf8))
    }
}

/// The data of `query` and `query_range`.
struct QueryData: Decodable {
    let resultType: String
    /// A series a row; scalars are a row without labels.
    let rows: [Row]

    struct Row: Decodable {
        let metric: [String: String]
        let value: Point?
        let values: [Point]?

        var points: [Point] {
            values ?? value.map { [$0] } ?? []
        }
    }

    /// `[1435781430.781, "1"]`.
    struct Point: Decodable {
        let time: Double
        let value: Double

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            time = try list.decode(Double.self)
            let text = try list.decode(String.self)
            guard let number = Double(text) else {
                throw DecodingError.dataCorruptedError(in: list, debugDescription: "\(text) is no number")
            }
            value = number
        }
    }

    private enum Keys: CodingKey {
        case resultType, result
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Keys.self)
        resultType = try fields.decode(String.self, forKey: .resultType)
        if resultType == "scalar" {
            rows = [Row(metric: [:], value: try fields.decode(Point.self, forKey: .result), values: nil)]
        } else {
            rows = try fields.decode([Row].self, forKey: .result)
        }
    }
}

extension QueryData.Row {
    fileprivate init(metric: [String: String], value: QueryData.Point, values: [QueryData.Point]?) {
        self.metric = metric
        self.value = value
        self.values = values
    }
}
