/// The value of a query.
struct QueryData: Decodable {
    struct Point: Decodable {
        let seconds: Double
        /// The number as the server wrote it.
        let value: String

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            seconds = try parts.decode(Double.self)
            // So that it can be drawn and written.
            guard seconds.magnitude < 1e12 else {
                throw DecodingError.dataCorruptedError(in: parts, debugDescription: "a time beyond all calendars")
            }
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
