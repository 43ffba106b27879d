/// Functions of dates, all in UTC.
enum DateFunctions {
    static let table: [FunctionSignature] =
        parts.map { FunctionSignature($0.0, [.vector], optional: 1, .date($0.1)) } + [
            FunctionSignature("time", [], returns: .scalar, .special(.time)),
            FunctionSignature("timestamp", [.vector], .special(.timestamp)),
        ]

    private static let parts: [(String, DatePart)] = [
        ("days_in_month", .daysInMonth), ("day_of_month", .dayOfMonth), ("day_of_week", .dayOfWeek),
        ("day_of_year", .dayOfYear), ("hour", .hour), ("minute", .minute), ("month", .month), ("year", .year),
    ]
}

enum DatePart: Sendable {
    case daysInMonth, dayOfMonth, dayOfWeek, dayOfYear, hour, minute, month, year

    /// The part of a time in seconds since 1970.
    func value(_ seconds: Double) -> Double {
        // Beyond the years that can be counted there is no date.
        guard seconds.magnitude < 9e18 else { return .nan }
        let whole = Int64(seconds.rounded(.towardZero))
        let day = whole.dividedFloor(by: 86400)
        let secondOfDay = whole - day * 86400
        switch self {
        case .hour: return Double(secondOfDay / 3600)
        case .minute: return Double(secondOfDay % 3600 / 60)
        case .dayOfWeek: return Double((day + 4).moduloFloor(by: 7))
        case .daysInMonth, .dayOfMonth, .dayOfYear, .month, .year: return dateValue(CivilDate(dayNumber: day))
        }
    }

    private func dateValue(_ date: CivilDate) -> Double {
        switch self {
        case .dayOfMonth: Double(date.day)
        case .month: Double(date.month)
        case .year: Double(date.year)
        case .daysInMonth: Double(date.daysInMonth)
        default: Double(date.dayOfYear)
        }
    }
}

/// A date of the Gregorian calendar.
struct CivilDate {
    let year: Int64
    let month: Int
    let day: Int

    /// The date so many days after 1 January 1970; counts from 1 March, so that a leap day ends a year
    /// (https://howardhinnant.github.io/date_algorithms.html).
    init(dayNumber: Int64) {
        let shifted = dayNumber + 719_468
        let era = shifted.dividedFloor(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private var isLeapYear: Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    var daysInMonth: Int {
        month == 2 && isLeapYear ? 29 : Self.lengths[month - 1]
    }

    var dayOfYear: Int {
        Self.lengths[..<(month - 1)].reduce(day, +) + (month > 2 && isLeapYear ? 1 : 0)
    }
}

extension Int64 {
    func dividedFloor(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    func moduloFloor(by divisor: Int64) -> Int64 {
        self - dividedFloor(by: divisor) * divisor
    }
}
