import ArgumentParser
import Configuration

/// A length of time as Go and Prometheus write it: `500ms`, `15s`, `1h30m`, `0`, also `1d` and `1w`.
struct DurationOption: ExpressibleByArgument, Sendable, Equatable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = DurationNotation.duration(argument) else { return nil }
        self.duration = duration
    }

    /// - Throws: `ValidationError` that names the option where the duration is shorter.
    func requireAtLeast(_ minimum: Duration, _ option: String) throws {
        guard duration >= minimum else {
            throw ValidationError("\(option) must be at least \(DurationOption(minimum).defaultValueDescription)")
        }
    }

    var defaultValueDescription: String {
        DurationNotation.text(duration)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
