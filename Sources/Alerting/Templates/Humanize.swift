/// Prometheus' functions that make numbers readable, with four significant digits as it shows them.
enum Humanize {
    private static let large = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    private static let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]
    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    /// `1234567` is `1.235M`, `0.12` is `120m`.
    static func metric(_ value: Double) -> String {
        if value == 0 || !value.isFinite { return GoFloat.fourDigits(value) }
        return value.magnitude >= 1 ? divided(value, by: 1000, large) : multiplied(value)
    }

    /// `1048576` is `1Mi`; nothing below 1 is scaled.
    static func binary(_ value: Double) -> String {
        if value.magnitude <= 1 || !value.isFinite { return GoFloat.fourDigits(value) }
        return divided(value, by: 1024, binary)
    }

    /// `3661` is `1h 1m 1s`, `0.1` is `100ms`.
    static func duration(_ value: Double) -> String {
        if !value.isFinite { return GoFloat.fourDigits(value) }
        if value == 0 { return GoFloat.fourDigits(value) + "s" }
        guard value.magnitude >= 1 else { return multiplied(value) + "s" }
        let sign = value < 0 ? "-" : ""
        let whole = Int64(exactly: value.magnitude.rounded(.towardZero)) ?? .max
        let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3600 % 24, whole / 86400)
        if days != 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
        if hours != 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
        if minutes != 0 { return "\(sign)\(minutes)m \(seconds)s" }
        return sign + GoFloat.fourDigits(value.magnitude) + "s"
    }

    /// `0.5` is `50%`.
    static func percentage(_ value: Double) -> String {
        GoFloat.fourDigits(value * 100) + "%"
    }

    private static func divided(_ value: Double, by step: Double, _ prefixes: [String]) -> String {
        var value = value
        var chosen = ""
        for prefix in prefixes where value.magnitude >= step {
            value /= step
            chosen = prefix
        }
        return GoFloat.fourDigits(value) + chosen
    }

    private static func multiplied(_ value: Double) -> String {
        var value = value
        var chosen = ""
        for prefix in small where value.magnitude < 1 {
            value *= 1000
            chosen = prefix
        }
        return GoFloat.fourDigits(value) + chosen
    }
}
