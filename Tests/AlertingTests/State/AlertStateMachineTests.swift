import Metrics
import Testing

@testable import Alerting

@Suite("Alert states")
struct AlertStateMachineTests {
    private static let minute: Int64 = 60_000
    private let labels = Labels([("alertname", "A")])

    private func step(
        _ machine: inout AlertStateMachine,
        at minutes: Int64,
        holds: Bool,
        hold: Int64 = 0,
        keep: Int64 = 0
    ) -> [AlertChange.Kind] {
        machine.update(
            with: holds ? [labels: .init(value: 1, annotations: Labels())] : [:],
            at: minutes * Self.minute,
            holdMilliseconds: hold * Self.minute,
            keepFiringMilliseconds: keep * Self.minute
        ).map(\.kind)
    }

    @Test("Without `for` an alert fires at once and is resolved when the expression holds no more")
    func atOnce() {
        var machine = AlertStateMachine()
        #expect(step(&machine, at: 0, holds: true) == [.firing])
        #expect(step(&machine, at: 1, holds: true) == [])
        #expect(step(&machine, at: 2, holds: false) == [.resolved])
        #expect(step(&machine, at: 3, holds: false) == [])
    }

    @Test("With `for` an alert is pending until it has held for that long")
    func pending() {
        var machine = AlertStateMachine()
        #expect(step(&machine, at: 0, holds: true, hold: 2) == [.pending])
        #expect(step(&machine, at: 1, holds: true, hold: 2) == [])
        #expect(step(&machine, at: 2, holds: true, hold: 2) == [.firing])
        #expect(machine.active.first?.activeAt == 0)
        #expect(machine.active.first?.firedAt == 2 * Self.minute)
    }

    @Test("A pending alert that holds no more is dropped, and the clock starts anew")
    func dropped() {
        var machine = AlertStateMachine()
        _ = step(&machine, at: 0, holds: true, hold: 2)
        #expect(step(&machine, at: 1, holds: false, hold: 2) == [.dropped])
        #expect(machine.alerts.isEmpty)
        #expect(step(&machine, at: 2, holds: true, hold: 2) == [.pending])
        #expect(machine.active.first?.activeAt == 2 * Self.minute)
    }

    @Test("`keep_firing_for` keeps a firing alert, and holding again ends the keeping")
    func kept() {
        var machine = AlertStateMachine()
        _ = step(&machine, at: 0, holds: true, keep: 3)
        #expect(step(&machine, at: 1, holds: false, keep: 3) == [])
        #expect(machine.active.first?.keepFiringSince == Self.minute)
        #expect(step(&machine, at: 2, holds: true, keep: 3) == [])
        #expect(machine.active.first?.keepFiringSince == nil)
        #expect(step(&machine, at: 3, holds: false, keep: 3) == [])
        #expect(step(&machine, at: 5, holds: false, keep: 3) == [])
        #expect(step(&machine, at: 6, holds: false, keep: 3) == [.resolved])
    }

    @Test("A resolved alert stays for fifteen minutes and is no active one")
    func retention() {
        var machine = AlertStateMachine()
        _ = step(&machine, at: 0, holds: true)
        _ = step(&machine, at: 1, holds: false)
        #expect(machine.active.isEmpty)
        _ = step(&machine, at: 16, holds: false)
        #expect(machine.alerts.count == 1)
        _ = step(&machine, at: 17, holds: false)
        #expect(machine.alerts.isEmpty)
    }

    @Test("An alert that comes back while it is remembered begins anew")
    func comesBack() {
        var machine = AlertStateMachine()
        _ = step(&machine, at: 0, holds: true)
        _ = step(&machine, at: 1, holds: false)
        #expect(step(&machine, at: 2, holds: true, hold: 1) == [.pending])
        #expect(machine.active.first?.resolvedAt == nil)
    }

    // The three cases of `RestoreForState` in Prometheus, with a `for` of 30 minutes and a grace period of 10.
    @Test(
        "A restart neither restarts a clock nor counts the time nobody looked",
        arguments: [
            // Down at 20 min after 20 min of holding, up at 25: 10 min remain, and the outage is added.
            (activeAt: 0, downAt: 20, now: 25, expected: 5),
            // 5 min remain, less than the grace period: fires 10 min from now.
            (activeAt: 0, downAt: 25, now: 27, expected: 7),
            // Was firing when it went down: fires at once.
            (activeAt: 0, downAt: 40, now: 45, expected: 0),
        ] as [(activeAt: Int64, downAt: Int64, now: Int64, expected: Int64)]
    )
    func restored(activeAt: Int64, downAt: Int64, now: Int64, expected: Int64) {
        var machine = AlertStateMachine()
        _ = step(&machine, at: now, holds: true, hold: 30)
        machine.restore(
            from: { _ in (downAt * Self.minute, Double(activeAt * 60)) },
            at: now * Self.minute,
            holdMilliseconds: 30 * Self.minute,
            gracePeriodMilliseconds: 10 * Self.minute
        )
        #expect(machine.active.first?.activeAt == expected * Self.minute)
    }

    @Test("A `for` shorter than the grace period and an alert without a past are waited for anew")
    func notRestored() {
        var machine = AlertStateMachine()
        _ = step(&machine, at: 5, holds: true, hold: 5)
        machine.restore(
            from: { _ in (0, 0) },
            at: 5 * Self.minute,
            holdMilliseconds: 5 * Self.minute,
            gracePeriodMilliseconds: 10 * Self.minute
        )
        machine.restore(
            from: { _ in nil },
            at: 5 * Self.minute,
            holdMilliseconds: 50 * Self.minute,
            gracePeriodMilliseconds: 10 * Self.minute
        )
        machine.restore(
            from: { _ in (0, .nan) },
            at: 5 * Self.minute,
            holdMilliseconds: 50 * Self.minute,
            gracePeriodMilliseconds: 10 * Self.minute
        )
        #expect(machine.active.first?.activeAt == 5 * Self.minute)
    }
}
