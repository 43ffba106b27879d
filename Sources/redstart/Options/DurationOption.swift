import ArgumentParser

/// A length of time as Go and Prometheus write it: `500ms`, `15s`, `1h30m`, `0`, also `1d` and `1w`.
struct DurationOption: ExpressibleByArgument, Sendable, Equatable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        if argument == "0" {
            duration = .zero
            return
        }
        var rest = argument[...]
        var total: Double = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let seconds = Self.seconds[String(unit)] else { return nil }
            total += value * seconds
        }
        guard !argument.isEmpty, total < Self.longest else { return nil }
        duration = .microseconds(Int64((total * 1e6).rounded()))
    }

    /// A hundred years: nobody means more, and all arithmetic on it stays in range.
    private static let longest: Double = 100 * 365 * 86400

    private static let seconds: [String: Double] = [
        "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800,
    ]

    /// - Throws: `ValidationError` that names the option where the duration is shorter.
    func requireAtLeast(_ minimum: Duration, _ option: String) throws {
        guard duration >= minimum else {
            throw ValidationError("\(option) must be at least \(DurationOption(minimum).defaultValueDescription)")
        }
    }

    var defaultValueDescription: String {
        let milliseconds = duration.milliseconds
        if milliseconds % 1000 != 0 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        if seconds >= 3600, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds >= 60, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
