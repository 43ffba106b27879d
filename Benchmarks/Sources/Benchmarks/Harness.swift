import CAnchors

/// One measured figure.
struct Measurement {
    let microseconds: Double
    let allocations: Double
}

/// Runs pieces of work again and again and prints a table, each figure beside its anchor from the same run.
struct Harness {
    private let clock = ContinuousClock()
    private(set) var rows: [[String]] = []

    /// The median time of one call of `body`, with the anchor run in turn with it, so that both see the same machine.
    func pair(
        rounds: Int = 31,
        calls: Int,
        _ body: () -> Void,
        anchor: () -> Void
    ) -> (own: Measurement, anchor: Measurement) {
        var own: [Measurement] = []
        var other: [Measurement] = []
        for _ in 0..<rounds {
            own.append(measure(calls: calls, body))
            other.append(measure(calls: calls, anchor))
        }
        return (median(own), median(other))
    }

    /// The median time of one call of `body`.
    func single(rounds: Int = 31, calls: Int, _ body: () -> Void) -> Measurement {
        median((0..<rounds).map { _ in measure(calls: calls, body) })
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

    private func median(_ measurements: [Measurement]) -> Measurement {
        let sorted = measurements.sorted { $0.microseconds < $1.microseconds }
        return sorted[sorted.count / 2]
    }

    /// Adds a line to the table.
    mutating func report(_ what: String, _ own: Measurement, budget: String, anchor: (String, Measurement)? = nil) {
        var row = [what, rounded(own.microseconds) + " µs", rounded(own.allocations), budget]
        if let (name, measurement) = anchor {
            row.append("\(name): \(rounded(measurement.microseconds)) µs")
            row.append(rounded(own.microseconds / measurement.microseconds) + " ×")
        } else {
            row += ["–", "–"]
        }
        rows.append(row)
    }

    /// The table in Markdown, as the README has it.
    func printTable() {
        print("| what | median | allocations | budget | anchor in the same run | ratio |")
        print("|---|---|---|---|---|---|")
        for row in rows {
            print("| " + row.joined(separator: " | ") + " |")
        }
    }

    private func rounded(_ value: Double) -> String {
        let scaled = (value * 100).rounded() / 100
        return scaled == scaled.rounded() ? String(Int(scaled)) : String(scaled)
    }
}
