import Glibc

/// An instant in UTC, written as Go's `time.Time` is.
struct GoTime {
    let milliseconds: Int64
    private let fields: tm

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
        var seconds = time_t(milliseconds.flooredQuotient(1000))
        var fields = tm()
        gmtime_r(&seconds, &fields)
        self.fields = fields
    }

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    var year: Int { Int(fields.tm_year) + 1900 }
    var month: Int { Int(fields.tm_mon) + 1 }
    var day: Int { Int(fields.tm_mday) }
    var hour: Int { Int(fields.tm_hour) }
    var minute: Int { Int(fields.tm_min) }
    var second: Int { Int(fields.tm_sec) }
    var yearDay: Int { Int(fields.tm_yday) + 1 }
    var monthName: String { Self.months[Int(fields.tm_mon)] }
    var dayName: String { Self.days[Int(fields.tm_wday)] }
    var seconds: Int64 { milliseconds.flooredQuotient(1000) }
    /// 0 to 999.
    var fraction: Int { Int(milliseconds - milliseconds.flooredQuotient(1000) * 1000) }

    var description: String {
        format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// The result of a method that a template calls by its Go name, `nil` where there is no such method.
    func method(_ name: String, _ arguments: [TemplateValue]) -> TemplateValue? {
        switch (name, arguments.first) {
        case ("Format", .string(let layout)?) where arguments.count == 1: return .string(format(layout))
        case (_, .some): return nil
        case ("Unix", _): return .integer(seconds)
        case ("UnixMilli", _): return .integer(milliseconds)
        case ("Year", _): return .integer(Int64(year))
        case ("Month", _): return .string(monthName)
        case ("Day", _): return .integer(Int64(day))
        case ("Hour", _): return .integer(Int64(hour))
        case ("Minute", _): return .integer(Int64(minute))
        case ("Second", _): return .integer(Int64(second))
        case ("Weekday", _): return .string(dayName)
        case ("YearDay", _): return .integer(Int64(yearDay))
        case ("UTC", _): return .time(self)
        case ("String", _): return .string(description)
        default: return nil
        }
    }

    /// Go's layouts: the reference time `Mon Jan 2 15:04:05 MST 2006` shows how each part is written.
    func format(_ layout: String) -> String {
        var rest = Substring(layout)
        var result = ""
        while let next = rest.first {
            if let (mark, text) = part(at: rest) {
                result += text
                rest = rest.dropFirst(mark.count)
            } else if next == "." || next == ",", let (count, text) = fractionPart(at: rest) {
                result += text
                rest = rest.dropFirst(count)
            } else {
                result.append(next)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// The longest mark that the layout goes on with and what stands for it.
    private func part(at rest: Substring) -> (mark: String, text: String)? {
        let parts: [(String, () -> String)] = [
            ("January", { monthName }), ("Jan", { String(monthName.prefix(3)) }),
            ("Monday", { dayName }), ("Mon", { String(dayName.prefix(3)) }), ("MST", { "UTC" }),
            ("2006", { padded(year, 4) }), ("01", { padded(month, 2) }), ("002", { padded(yearDay, 3) }),
            ("02", { padded(day, 2) }), ("03", { padded((hour + 11) % 12 + 1, 2) }), ("04", { padded(minute, 2) }),
            ("05", { padded(second, 2) }), ("06", { padded(year % 100, 2) }), ("15", { padded(hour, 2) }),
            ("1", { String(month) }), ("_2", { (day < 10 ? " " : "") + String(day) }), ("2", { String(day) }),
            ("3", { String((hour + 11) % 12 + 1) }), ("4", { String(minute) }), ("5", { String(second) }),
            ("PM", { hour < 12 ? "AM" : "PM" }), ("pm", { hour < 12 ? "am" : "pm" }),
            ("-070000", { "+000000" }), ("-07:00:00", { "+00:00:00" }), ("-0700", { "+0000" }),
            ("-07:00", { "+00:00" }), ("-07", { "+00" }), ("Z0700", { "Z" }), ("Z07:00", { "Z" }), ("Z07", { "Z" }),
        ]
        return parts.first { rest.hasPrefix($0.0) }.map { ($0.0, $0.1()) }
    }

    /// `.000` writes that many digits, `.999` the same without zeros at the end.
    private func fractionPart(at rest: Substring) -> (count: Int, text: String)? {
        let body = rest.dropFirst()
        guard let digit = body.first, digit == "0" || digit == "9" else { return nil }
        let count = body.prefix { $0 == digit }.count
        if let following = body.dropFirst(count).first, following.isNumber { return nil }
        var digits = (padded(fraction, 3) + String(repeating: "0", count: max(0, count - 3))).prefix(count)
        if digit == "9" {
            while digits.last == "0" { digits.removeLast() }
            if digits.isEmpty { return (count + 1, "") }
        }
        return (count + 1, String(rest.prefix(1)) + digits)
    }

    private func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    /// The quotient rounded down, so that times before 1970 have positive remainders.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// A span as Go's `time.Duration` writes it: `1h0m0.5s`, `1.5ms`, `0s`.
func goDuration(nanoseconds: Int64) -> String {
    if nanoseconds == 0 { return "0s" }
    let sign = nanoseconds < 0 ? "-" : ""
    let magnitude = nanoseconds.magnitude
    func decimal(_ unit: UInt64, of value: UInt64) -> String {
        var text = String(value / unit)
        var digits = String(value % unit)
        digits = String(repeating: "0", count: String(unit).count - 1 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        if !digits.isEmpty { text += "." + digits }
        return text
    }
    if magnitude < 1_000 { return "\(sign)\(magnitude)ns" }
    if magnitude < 1_000_000 { return sign + decimal(1_000, of: magnitude) + "µs" }
    if magnitude < 1_000_000_000 { return sign + decimal(1_000_000, of: magnitude) + "ms" }
    let minutes = magnitude / 60_000_000_000
    let seconds = decimal(1_000_000_000, of: magnitude % 60_000_000_000) + "s"
    if minutes == 0 { return sign + seconds }
    if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
    return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
}

extension GoTime {
    /// Reads `2024-01-01T00:00:00Z`, also with fractions of a second and with an offset; `nil` for anything else.
    init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        func number(_ range: Range<Int>) -> Int32? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            return Int32(String(decoding: bytes[range], as: UTF8.self))
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year - 1900, month - 1, day)
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (hour, minute, second)
        var milliseconds = Int64(timegm(&fields)) * 1000
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { $0 &- 0x30 < 10 }
            guard let fraction = Double("0." + String(decoding: digits, as: UTF8.self)), !digits.isEmpty else {
                return nil
            }
            milliseconds += Int64(fraction * 1000)
            rest = rest.dropFirst(digits.count + 1)
        }
        guard let zone = rest.first else { return nil }
        if zone | 0x20 == UInt8(ascii: "z") {
            guard rest.count == 1 else { return nil }
        } else {
            let start = rest.startIndex
            guard rest.count == 6, let hours = number((start + 1)..<(start + 3)),
                let minutes = number((start + 4)..<(start + 6)), bytes[start + 3] == UInt8(ascii: ":"),
                zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-")
            else { return nil }
            let offset = Int64(hours * 60 + minutes) * 60_000
            milliseconds += zone == UInt8(ascii: "+") ? -offset : offset
        }
        self.init(milliseconds: milliseconds)
    }
}
