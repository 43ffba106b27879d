import FoundationEssentials
import JSON

/// Times and durations as the parameters and answers of the Prometheus HTTP API write them.
enum PrometheusTime {
    /// The instants that queries may ask for, in seconds: within these, milliseconds and their sums stay far from
    /// overflowing.
    private static let limit: Double = 1e12
    /// The ends of time in Go, which clients send where they mean "any time".
    private static let earliest = "-292273086-05-16T16:47:06Z"
    private static let latest = "292277025-08-18T07:12:54.999999999Z"

    /// What Prometheus gives for a time that is not there: Go's zero time.
    static let never = "0001-01-01T00:00:00Z"

    /// Milliseconds since 1970 from seconds with a fraction, or from RFC 3339; `nil` for anything else.
    static func milliseconds(_ text: String) -> Int64? {
        if let seconds = Double(text) { return milliseconds(seconds: seconds) }
        if text == earliest { return -Int64(limit * 1000) }
        if text == latest { return Int64(limit * 1000) }
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let date = (try? plain.parse(text)) ?? (try? fractional.parse(text))
        return date.flatMap { milliseconds(seconds: $0.timeIntervalSince1970) }
    }

    private static func milliseconds(seconds: Double) -> Int64? {
        guard seconds.magnitude < limit else { return nil }
        return Int64((seconds * 1000).rounded())
    }

    /// RFC 3339 in UTC with milliseconds, as Prometheus gives `activeAt` and `lastEvaluation`.
    static func rfc3339(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Seconds, with three decimals where there is a fraction.
    static func append(_ milliseconds: Int64, to writer: inout JSONWriter) {
        guard milliseconds % 1000 != 0 else { return writer.number(milliseconds / 1000) }
        let magnitude = milliseconds.magnitude
        let fraction = String(magnitude % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
        writer.number(text: "\(milliseconds < 0 ? "-" : "")\(magnitude / 1000).\(zeros)\(fraction)")
    }
}

extension Duration {
    /// The duration in seconds, as answers have it.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// The whole milliseconds of a duration of less than a million years.
    var wholeMilliseconds: Int64 {
        components.seconds &* 1000 &+ components.attoseconds / 1_000_000_000_000_000
    }
}
