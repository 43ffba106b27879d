/// How many samples a query looked at, counted as Prometheus counts them.
///
/// A sample counts once for each step whose lookback or window it is in.
public struct QueryStatistics: Sendable, Equatable {
    /// The number for each step of the query, in the order of time.
    public let samplesPerStep: [Int]
    /// The most values that were in memory at once.
    public let peakSamples: Int

    /// The sum over all steps.
    public var totalSamples: Int {
        samplesPerStep.reduce(0, +)
    }
}

/// Counts the samples of each step while a query runs.
struct SampleCounter {
    private(set) var perStep: [Int]
    /// Above zero within a subquery, whose samples are counted when its windows are read.
    private var muted = 0
    /// Set while something that is the same at every step is evaluated once.
    private var countsForAllSteps = false

    init(steps: Int) {
        perStep = [Int](repeating: 0, count: steps)
    }

    mutating func count(_ samples: Int, step: Int) {
        guard muted == 0 else { return }
        if countsForAllSteps {
            for index in perStep.indices { perStep[index] &+= samples }
        } else if perStep.indices.contains(step) {
            perStep[step] &+= samples
        }
    }

    mutating func mute() { muted += 1 }
    mutating func unmute() { muted -= 1 }

    /// Returns what held before, for `endRepeated`.
    mutating func beginRepeated() -> Bool {
        defer { countsForAllSteps = true }
        return countsForAllSteps
    }

    mutating func endRepeated(_ before: Bool) { countsForAllSteps = before }
}
