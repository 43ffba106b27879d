import JSON
import PromQL

/// How long the parts of a query took.
struct QueryTimings: Sendable {
    enum Part: Int {
        case preparation, queue, evaluation
    }

    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant
    private var taken = [Duration](repeating: .zero, count: 3)

    init() {
        last = clock.now
    }

    subscript(part: Part) -> Duration { taken[part.rawValue] }

    /// Notes what has passed since the part before.
    mutating func end(_ part: Part) {
        let now = clock.now
        taken[part.rawValue] = now - last
        last = now
    }

    var total: Duration { taken.reduce(.zero, +) }
}

/// Writes what the parameter `stats` asks for.
enum QueryStatisticsWriter {
    /// Writes the object; `steps` is the time of the first step and the distance of the others, in milliseconds, where
    /// each is to be shown.
    ///
    /// Results are sorted as they are made, so that takes no time of its own.
    static func write(
        _ statistics: QueryStatistics,
        _ timings: QueryTimings,
        steps: (start: Int64, step: Int64)?,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("timings")
            writer.object { writer in
                for (name, time) in [
                    ("evalTotalTime", timings[.evaluation]), ("resultSortTime", .zero),
                    ("queryPreparationTime", timings[.preparation]), ("innerEvalTime", timings[.evaluation]),
                    ("execQueueTime", timings[.queue]), ("execTotalTime", timings.total),
                ] {
                    writer.key(name)
                    writer.number(time.inSeconds)
                }
            }
            writer.key("samples")
            writer.object { writer in
                if let steps { writeSteps(statistics.samplesPerStep, steps, to: &writer) }
                writer.key("totalQueryableSamples")
                writer.number(statistics.totalSamples)
                writer.key("peakSamples")
                writer.number(statistics.peakSamples)
            }
        }
    }

    private static func writeSteps(
        _ counts: [Int],
        _ steps: (start: Int64, step: Int64),
        to writer: inout JSONWriter
    ) {
        writer.key("totalQueryableSamplesPerStep")
        writer.array(of: counts.enumerated()) { writer, count in
            writer.array { writer in
                PrometheusTime.append(steps.start + Int64(count.offset) * steps.step, to: &writer)
                writer.number(count.element)
            }
        }
    }
}
