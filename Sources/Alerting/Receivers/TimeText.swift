import Glibc

/// Times as the interfaces of Alertmanager write them: RFC 3339 in UTC with milliseconds.
enum TimeText {
    /// Go's zero time: no time.
    static let never = "0001-01-01T00:00:00Z"

    static func rfc3339(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds.flooredQuotient(1000))
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil, parts.tm_year < 8100 else { return never }
        let fraction = milliseconds - Int64(seconds) * 1000
        let date = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
        let time = "\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))"
        return "\(date)T\(time).\(digits(Int32(fraction), 3))Z"
    }

    private static func digits(_ number: Int32, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
