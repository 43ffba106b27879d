import CAnchors
import Glibc

/// One measured figure.
struct Measurement {
    let microseconds: Double
    let allocations: Double
}

/// Runs pieces of work again and again and prints a table, each figure beside its anchor from the same run.
struct Harness {
    /// What `make bench` is told so that it measures what is reported now, and nothing else.
    var part = ""

    private let clock = ContinuousClock()
    private var rows: [[String]] = []
    private var notes: [String] = []

    /// The median time of one call of `body`, with the anchor run in turn with it, so that both see the same machine.
    ///
    /// - Parameter before: What is to happen before each round, and is not measured.
    func pair(
        rounds: Int = 31,
        calls: Int,
        _ body: () -> Void,
        anchor: () -> Void,
        before: () -> Void = {}
    ) -> (own: Measurement, anchor: Measurement) {
        var own: [Measurement] = []
        var other: [Measurement] = []
        for _ in 0..<rounds {
            before()
            own.append(measure(calls: calls, body))
            other.append(measure(calls: calls, anchor))
        }
        return (Self.median(own), Self.median(other))
    }

    /// The median time of one call of `body`.
    func single(rounds: Int = 31, calls: Int, _ body: () -> Void) -> Measurement {
        Self.median((0..<rounds).map { _ in measure(calls: calls, body) })
    }

    private func measure(calls: Int, _ body: () -> Void) -> Measurement {
        let allocationsBefore = anchor_allocation_count()
        let time = clock.measure {
            for _ in 0..<calls {
                body()
            }
        }
        let allocations = anchor_allocation_count() - allocationsBefore
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        return Measurement(
            microseconds: seconds * 1e6 / Double(calls),
            allocations: Double(allocations) / Double(calls)
        )
    }

    /// The one in the middle by time.
    static func median(_ measurements: [Measurement]) -> Measurement {
        let sorted = measurements.sorted { $0.microseconds < $1.microseconds }
        return sorted[sorted.count / 2]
    }

    /// The mean of some.
    static func mean(_ measurements: [Measurement]) -> Measurement {
        let count = Double(max(1, measurements.count))
        return Measurement(
            microseconds: measurements.map(\.microseconds).reduce(0, +) / count,
            allocations: measurements.map(\.allocations).reduce(0, +) / count
        )
    }

    /// Adds a line to the table.
    mutating func report(_ what: String, _ own: Measurement, budget: String, anchor: (String, Measurement)? = nil) {
        let allocations = own.allocations.rounded()
        report(
            what,
            time(own) + (allocations < 1 ? "" : ", \(Int(allocations)) allocations"),
            budget: budget,
            anchor: anchor.map { "\($0.0): \(time($0.1))" } ?? "",
            ratio: anchor.map { rounded(own.microseconds / $0.1.microseconds) + " ×" } ?? ""
        )
    }

    /// Adds a line whose figure is no time.
    mutating func report(_ what: String, _ figure: String, budget: String, anchor: String = "", ratio: String = "") {
        rows.append([what, figure, budget, anchor, ratio, "`make bench ARGS=\(part)`"])
    }

    /// Adds a sentence below the table.
    mutating func note(_ text: String) {
        notes.append(text)
    }

    /// The lines of the table in Markdown, as the README has it; sentences go to standard error.
    func printRows() {
        for row in rows {
            print("| " + row.joined(separator: " | ") + " |")
        }
        for note in notes {
            _ = Array((note + "\n").utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
    }

    private func time(_ measurement: Measurement) -> String {
        measurement.microseconds < 10_000
            ? rounded(measurement.microseconds) + " µs" : rounded(measurement.microseconds / 1000) + " ms"
    }
}

/// A number as a reader wants it: two decimals, or none for a large one.
func rounded(_ value: Double) -> String {
    let scale: Double = value.magnitude < 100 ? 100 : 1
    let scaled = (value * scale).rounded() / scale
    return scaled == scaled.rounded() ? String(Int(scaled)) : String(scaled)
}
