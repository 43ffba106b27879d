/// A length of time as Go and Prometheus write it: `500ms`, `15s`, `1h30m`, `0`, also `1d` and `1w`.
public enum DurationNotation {
    /// A hundred years: nobody means more, and all arithmetic on it stays in range.
    private static let longest: Double = 100 * 365 * 86400

    private static let seconds: [String: Double] = [
        "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800,
    ]

    /// The duration, `nil` where the text is none.
    public static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = text[...]
        var total: Double = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let seconds = seconds[String(unit)] else { return nil }
            total += value * seconds
        }
        guard !text.isEmpty, total < longest else { return nil }
        return .microseconds(Int64((total * 1e6).rounded()))
    }

    /// The shortest text of a duration of whole milliseconds: `1h`, `90s`, `500ms`.
    public static func text(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        let seconds = (milliseconds / 1000).rounded(.down)
        if seconds * 1000 != milliseconds { return "\(Int64(milliseconds))ms" }
        if seconds >= 3600, seconds.truncatingRemainder(dividingBy: 3600) == 0 { return "\(Int64(seconds / 3600))h" }
        if seconds >= 60, seconds.truncatingRemainder(dividingBy: 60) == 0 { return "\(Int64(seconds / 60))m" }
        return "\(Int64(seconds))s"
    }
}
