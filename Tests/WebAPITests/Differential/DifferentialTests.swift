import Glibc
import TestServers
import Testing

/// Random expressions over random series, asked of Redstart and of a real Prometheus.
///
/// One seed makes the series and the expressions of a run; the variable `DIFFERENTIAL_SEEDS` says how many there are,
/// and `DIFFERENTIAL_SEED` which is the first.
@Suite("Beside a real Prometheus", .serialized)
struct DifferentialTests {
    private static let queryCount = 500
    private static let seeds: [UInt64] = {
        let first = variable("DIFFERENTIAL_SEED") ?? 20_240_501
        return (0..<max(1, variable("DIFFERENTIAL_SEEDS") ?? 1)).map { first &+ $0 &* 1000 }
    }()

    private static func variable(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    @Test("Random expressions give the numbers that Prometheus gives", .timeLimit(.minutes(6)), arguments: seeds)
    func differential(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let series = RandomSeries.all(&random)
        var expressions = RandomExpression(random: SeededGenerator(seed: seed + 1))
        try await TwoPrometheuses.run(series) { both in
            var withResult = 0
            for number in 0..<Self.queryCount {
                let query = expressions.make()
                let minute = RandomSeries.start + 7 + Int64.random(in: 2...44, using: &random) * 60
                let isRange = number.isMultiple(of: 2)
                let time =
                    isRange
                    ? [("start", "\(minute)"), ("end", "\(minute + 900)"), ("step", random.pick(["30", "60", "90"]))]
                    : [("time", "\(minute)")]
                let path = isRange ? "/api/v1/query_range" : "/api/v1/query"
                let (theirs, ours) = try await both.ask(path, [("query", query)] + time)
                if theirs.answer.data?.rows.isEmpty == false { withResult += 1 }
                if let difference = Self.difference(theirs, ours) {
                    let times = time.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
                    Issue.record("\(query)\n\(path) \(times)\n\(difference)")
                }
            }
            // A test of empty results would show nothing.
            #expect(withResult > Self.queryCount * 2 / 3)
        }
    }

    /// What differs; `nil` where both say the same.
    private static func difference(_ theirs: TwoPrometheuses.Reply, _ ours: TwoPrometheuses.Reply) -> String? {
        guard theirs.status == ours.status, theirs.answer.errorType == ours.answer.errorType else {
            return "theirs \(theirs.status) \(theirs.answer.error ?? "")\n"
                + "ours \(ours.status) \(ours.answer.error ?? "")"
        }
        guard let theirData = theirs.answer.data, let ourData = ours.answer.data else { return nil }
        guard theirData.resultType == ourData.resultType else {
            return "theirs is a \(theirData.resultType), ours a \(ourData.resultType)"
        }
        var left = Dictionary(grouping: ourData.rows, by: \.metric)
        for row in theirData.rows {
            guard let own = left.removeValue(forKey: row.metric)?.first else { return "ours has no \(row.metric)" }
            guard own.points.map(\.time) == row.points.map(\.time) else {
                return "\(row.metric) has \(row.points.count) points in theirs, \(own.points.count) in ours"
            }
            for (their, our) in zip(row.points, own.points) where !isClose(their.value, our.value) {
                return "\(row.metric) at \(their.time) is \(their.value) in theirs, \(our.value) in ours"
            }
        }
        return left.isEmpty ? nil : "theirs has no \(left.keys.first ?? [:])"
    }

    private static func isClose(_ left: Double, _ right: Double) -> Bool {
        if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
        guard left.isFinite, right.isFinite else { return left == right }
        // The absolute part is for sums that cancel out.
        return abs(left - right) <= 1e-6 + 1e-8 * max(abs(left), abs(right))
    }
}
