import TestServers

/// One series with random samples.
///
/// No sample is at a full second, so that it does not matter whether a range has its left end (Prometheus 2) or not
/// (Prometheus 3). Gauges are sums of powers of two, so that sums are exact in any order. Counters start high, and those
/// with gaps are never reset, so that the rule by which `rate` does not look back beyond zero, which has changed for
/// windows whose first sample is late, plays no part.
struct RandomSeries {
    /// 14 November 2023, 22:14:00, in seconds; a multiple of a minute.
    static let start: Int64 = 1_700_000_040
    /// Three quarters of an hour at 15 s.
    private static let sampleCount = 180

    let name: String
    let labels: [(String, String)]
    let samples: [(Int64, Double)]

    /// All series of the test.
    static func all(_ random: inout SeededGenerator) -> [RandomSeries] {
        var result: [RandomSeries] = []
        func add(_ name: String, _ labels: [(String, String)], gaps: Bool = false, _ next: () -> Double) {
            let phase = 1 + Int64(result.count * 137 % 900)
            var samples: [(Int64, Double)] = []
            for tick in 0..<sampleCount {
                let value = next()
                // One gap of ten minutes, longer than a selector looks back, and single samples lost.
                if gaps, (60..<100).contains(tick) || random.chance(10) { continue }
                let jitter = Int64.random(in: 0..<90, using: &random)
                samples.append((start * 1000 + Int64(tick) * 15_000 + phase + jitter, value))
            }
            result.append(RandomSeries(name: name, labels: labels, samples: samples))
        }
        for (index, instance) in ["a", "b", "c", "d"].enumerated() {
            let zone = index < 2 ? "x" : "y"
            var generator = random
            add("m_gauge", [("instance", instance), ("zone", zone)], gaps: instance == "d") {
                Double(Int.random(in: -4000...4000, using: &generator)) / 4 + Double(index) / 1024
            }
            add("m_state", [("instance", instance)]) { Double(Int.random(in: 0...3, using: &generator)) }
            for kind in ["r", "w"] {
                add("m_other", [("instance", instance), ("kind", kind), ("zone", zone)]) {
                    Double(Int.random(in: 0...800, using: &generator)) / 8
                }
            }
            for code in ["200", "500"] {
                var count = 100_000.0
                let hasGaps = instance == "c"
                add("m_total", [("instance", instance), ("code", code)], gaps: hasGaps) {
                    let increment = Double(Int.random(in: 0...20, using: &generator))
                    count = !hasGaps && generator.chance(3) ? 50_000 : count + increment
                    return count
                }
            }
            addHistogram(instance, &generator, add)
            random = generator
        }
        return result
    }

    private static func addHistogram(
        _ instance: String,
        _ random: inout SeededGenerator,
        _ add: (String, [(String, String)], Bool, () -> Double) -> Void
    ) {
        let bounds = ["0.1", "0.5", "1", "5", "+Inf"]
        // Each bucket has what the smaller ones have.
        var increments = [[Double]](repeating: [], count: sampleCount)
        for tick in 0..<sampleCount {
            var sum = 0.0
            for _ in bounds {
                sum += Double(Int.random(in: 0...9, using: &random))
                increments[tick].append(sum)
            }
        }
        for (position, bound) in bounds.enumerated() {
            var count = 100_000.0 * Double(position + 1)
            var tick = 0
            add("m_seconds_bucket", [("instance", instance), ("le", bound)], false) {
                count += increments[tick][position]
                tick += 1
                return count
            }
        }
    }

    /// All series in the format from which `promtool` makes blocks.
    static func openMetrics(_ series: [RandomSeries]) -> String {
        var lines: [String] = []
        for entry in series {
            let labels = entry.labels.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
            for (timestamp, value) in entry.samples {
                let milliseconds = String(timestamp % 1000)
                let zeros = String(repeating: "0", count: 3 - milliseconds.utf8.count)
                lines.append("\(entry.name){\(labels)} \(value) \(timestamp / 1000).\(zeros)\(milliseconds)")
            }
        }
        return lines.joined(separator: "\n") + "\n# EOF\n"
    }
}
