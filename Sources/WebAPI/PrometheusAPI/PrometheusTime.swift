import FoundationEssentials

/// Times and durations as the parameters and answers of the Prometheus HTTP API write them.
enum PrometheusTime {
    /// The instants that queries may ask for: within these, milliseconds and their sums stay far from overflowing.
    private static let limit: Double = 1e12

    /// What Prometheus gives for a time that is not there: Go's zero time.
    static let never = "0001-01-01T00:00:00Z"

    /// Milliseconds since 1970 from seconds with a fraction, or from RFC 3339; `nil` for anything else.
    static func milliseconds(_ text: String) -> Int64? {
        if let seconds = Double(text) {
            guard seconds.magnitude < limit else { return nil }
            return Int64((seconds * 1000).rounded())
        }
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let date = (try? plain.parse(text)) ?? (try? fractional.parse(text))
        return date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    }

    /// RFC 3339 in UTC with milliseconds, as Prometheus gives `activeAt` and `lastEvaluation`.
    static func rfc3339(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Seconds with up to three decimals, as answers have their timestamps.
    static func append(_ milliseconds: Int64, to writer: inout JSONWriter) {
        if milliseconds % 1000 == 0 {
            writer.number(milliseconds / 1000)
        } else {
            writer.number(Double(milliseconds) / 1000)
        }
    }
}
