import Metrics
import Testing

@testable import Alerting

@Suite("Clocks of alerts that come from another process")
struct CarriedClocksTests {
    private static let minute: Int64 = 60_000
    private let labels = Labels([("alertname", "A"), ("instance", "a")])

    /// Since when an alert is taken to be active, in minutes, and what is told of it.
    private struct Found: Equatable {
        var activeAt: Int64?
        var changes: [AlertChange.Kind]

        init(_ activeAt: Int64?, _ changes: AlertChange.Kind...) {
            self.activeAt = activeAt
            self.changes = changes
        }
    }

    /// An alert that was active from the first minute on, was told last at `saidAt`, and is found at `now`.
    private func found(saidAt: Int64, now: Int64, hold: Int64) -> Found {
        var machine = AlertStateMachine()
        machine.carried = [
            labels: CarriedClocks.Clock(activeAt: Self.minute, saidAt: saidAt * Self.minute),
            Labels([("alertname", "A"), ("instance", "b")]): CarriedClocks.Clock(activeAt: 0, saidAt: 0),
        ]
        let changes = machine.update(
            with: [labels: .init(value: 1, annotations: Labels())],
            at: now * Self.minute,
            holdMilliseconds: hold * Self.minute,
            keepFiringMilliseconds: 0
        )
        var found = Found(machine.active.first.map { $0.activeAt / Self.minute })
        found.changes = changes.map(\.kind)
        return found
    }

    @Test("After two minutes at most they go on as if nothing had been, and a `for` that is over fires at once")
    func short() {
        #expect(found(saidAt: 9, now: 10, hold: 30) == Found(1, .pending))
        #expect(found(saidAt: 9, now: 11, hold: 5) == Found(1, .firing))
    }

    @Test("After more the time without anybody watching does not count, and there are ten minutes of grace")
    func long() {
        #expect(found(saidAt: 11, now: 31, hold: 60) == Found(21, .pending))
        #expect(found(saidAt: 55, now: 65, hold: 60) == Found(15, .pending), "ten minutes before it would fire")
        #expect(found(saidAt: 11, now: 31, hold: 5) == Found(31, .pending), "shorter than the grace")
        #expect(found(saidAt: 50, now: 100, hold: 45) == Found(1, .firing), "it fired there")
    }

    @Test("After more than an hour they begin anew")
    func tooLong() {
        #expect(found(saidAt: 11, now: 72, hold: 120) == Found(72, .pending))
    }

    @Test("They are for alerts of the same name and labels, once, and not for ever")
    func groups() throws {
        let text =
            "groups:\n- name: g\n  rules:\n  - {alert: A, expr: a > 0, for: 1h}\n  - {alert: B, expr: a > 0, for: 1h}"
        let group = try #require(try RuleFiles().parse(Array(text.utf8), file: "f").first)
        var evaluation = RuleGroupEvaluation(group)
        evaluation.carry(CarriedClocks([labels: .init(activeAt: 0, saidAt: 0)], askedAt: 0))
        #expect(evaluation.rules.map(\.machine.carried.count) == [1, 0])
        #expect(evaluation.rules[0].carriesUntil == CarriedClocks.patienceMilliseconds)
        var machine = evaluation.rules[0].machine
        for now in [Self.minute, 2 * Self.minute, 3 * Self.minute] {
            _ = machine.update(
                with: now == 2 * Self.minute ? [:] : [labels: .init(value: 1, annotations: Labels())],
                at: now,
                holdMilliseconds: 60 * Self.minute,
                keepFiringMilliseconds: 0
            )
        }
        #expect(machine.active.map(\.activeAt) == [3 * Self.minute], "it had ended in between")
    }
}
