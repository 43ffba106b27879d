import Metrics
import PromQL
import Testing

@testable import Alerting

@Suite("Groups of alerts: what is told when, as in Alertmanager")
struct DispatcherTests {
    private static let timing = AlertRoute.Timing(groupWait: 30, groupInterval: 300, repeatInterval: 1000)

    private func alert(
        _ name: String,
        _ instance: String = "a",
        from start: Int64,
        to end: Int64? = nil
    ) -> NotifiedAlert {
        NotifiedAlert(key: Labels([("alertname", name), ("instance", instance)]), startsAt: start, endsAt: end)
    }

    private func dispatcher(sendsResolved: Bool = true, inhibitions: [InhibitionRule] = []) -> Dispatcher {
        Dispatcher(
            root: AlertRoute(receiver: "r", timing: Self.timing),
            endpoints: ["r": [Dispatcher.Endpoint(id: "r/0", sendsResolved: sendsResolved)]],
            inhibitions: inhibitions
        )
    }

    /// What is told at a time: the instances, those that have ended in brackets.
    private func told(_ dispatcher: inout Dispatcher, at now: Int64, silenced: String = "") -> [[String]] {
        let outcome = dispatcher.flush(at: now) { $0["instance"] == silenced }
        return outcome.messages.filter { !$0.alerts.isEmpty }.map { message in
            message.alerts.map { $0.isResolved ? "(\($0.labels["instance"] ?? ""))" : $0.labels["instance"] ?? "" }
        }
    }

    @Test("`group_wait` until the first message, `group_interval` until the next, `repeat_interval` without news")
    func timing() {
        var dispatcher = dispatcher()
        dispatcher.update(alert("A", from: 100), now: 100)
        #expect(dispatcher.nextDue == 130)
        #expect(told(&dispatcher, at: 129) == [])
        dispatcher.update(alert("A", "b", from: 120), now: 120)
        #expect(told(&dispatcher, at: 130) == [["a", "b"]])
        dispatcher.update(alert("A", "c", from: 140), now: 140)
        #expect(told(&dispatcher, at: 429) == [])
        #expect(told(&dispatcher, at: 430) == [["a", "b", "c"]])
        for time in stride(from: Int64(730), to: 1430, by: 300) { #expect(told(&dispatcher, at: time) == []) }
        #expect(told(&dispatcher, at: 1630) == [["a", "b", "c"]])
    }

    @Test("What has ended is told once, with what still fires; a group without alerts is over")
    func resolved() {
        var dispatcher = dispatcher()
        dispatcher.update(alert("A", from: 0), now: 0)
        dispatcher.update(alert("A", "b", from: 0), now: 0)
        #expect(told(&dispatcher, at: 30) == [["a", "b"]])
        dispatcher.update(alert("A", "b", from: 0, to: 50), now: 50)
        #expect(told(&dispatcher, at: 330) == [["a", "(b)"]])
        #expect(told(&dispatcher, at: 630) == [])
        dispatcher.update(alert("A", from: 0, to: 700), now: 700)
        let outcome = dispatcher.flush(at: 930) { _ in false }
        #expect(outcome.messages.map { $0.alerts.map(\.isResolved) } == [[true]])
        #expect(outcome.ended.count == 1)
        #expect(dispatcher.nextDue == nil)
    }

    @Test("Nobody hears of an alert that came and went within `group_wait`; a receiver may want no ends")
    func unheard() {
        var dispatcher = dispatcher()
        dispatcher.update(alert("A", from: 0), now: 0)
        dispatcher.update(alert("A", from: 0, to: 20), now: 20)
        #expect(told(&dispatcher, at: 30) == [])
        #expect(dispatcher.nextDue == nil)
        dispatcher.update(alert("B", from: 0, to: 20), now: 40)
        #expect(dispatcher.nextDue == nil, "an end without a beginning makes no group")

        var silentEnd = self.dispatcher(sendsResolved: false)
        silentEnd.update(alert("A", from: 0), now: 0)
        #expect(told(&silentEnd, at: 30) == [["a"]])
        silentEnd.update(alert("A", from: 0, to: 40), now: 40)
        let outcome = silentEnd.flush(at: 330) { _ in false }
        #expect(outcome.messages.map(\.alerts) == [[]])
        #expect(outcome.messages.map(\.notice.firing) == [[]])
    }

    @Test("Silenced and inhibited alerts are kept back, and told when nothing holds them back any more")
    func muted() {
        var dispatcher = dispatcher(inhibitions: InhibitionRule.standard)
        dispatcher.update(alert("RedisLag", from: 0), now: 0)
        dispatcher.update(alert("RedisLag", "b", from: 0), now: 0)
        dispatcher.update(alert("RedisDown", from: 0), now: 0)
        #expect(told(&dispatcher, at: 30, silenced: "b") == [["a"]], "only RedisDown")
        dispatcher.update(alert("RedisDown", from: 0, to: 100), now: 100)
        #expect(told(&dispatcher, at: 330) == [["(a)"], ["a", "b"]])
    }

    @Test("After a restart what was told is not told again, and what has changed meanwhile is")
    func restart() {
        var first = dispatcher()
        first.update(alert("A", from: 0), now: 0)
        first.update(alert("A", "b", from: 0), now: 0)
        let outcome = first.flush(at: 30) { _ in false }
        let notices = Dictionary(outcome.messages.map { ($0.group, $0.notice) }) { $1 }

        var same = dispatcher()
        #expect(same.restore(notices, alerts: [alert("A", from: 0), alert("A", "b", from: 0)], now: 40) == [])
        #expect(same.nextDue == 330)
        #expect(told(&same, at: 330) == [])

        var changed = dispatcher()
        let gone = AlertGroupKey(route: "{}", endpoint: "r/0", labels: Labels([("alertname", "Gone")]))
        let withGone = notices.merging([gone: GroupNotice(time: 1, firing: [], resolved: [])]) { $1 }
        let alerts = [alert("A", from: 0, to: 35), alert("A", "b", from: 0), alert("A", "c", from: 36)]
        #expect(changed.restore(withGone, alerts: alerts, now: 40) == [gone])
        #expect(told(&changed, at: 330) == [["b", "c", "(a)"]])

        // It fired before the restart and nobody was told: its `group_wait` is over.
        var late = dispatcher()
        #expect(late.restore([:], alerts: [alert("A", from: 0)], now: 500) == [])
        #expect(late.nextDue == 500)
        #expect(told(&late, at: 500) == [["a"]])
    }

    @Test("The key of a group reads as that of Alertmanager")
    func keys() {
        let key = AlertGroupKey(
            route: "{}/0{a=\"b\"}", endpoint: "r/0", labels: Labels([("alertname", "A"), ("x", "q\"")])
        )
        #expect(key.text == #"{}/0{a="b"}:{alertname="A", x="q\""}"#)
        #expect(Fingerprint.text(Fingerprint.of(Labels([("alertname", "test")]))).count == 16)
    }

    @Test("A silence holds from its beginning to its end, and is forgotten days later")
    func silences() throws {
        let matchers = [LabelMatcher(name: "instance", equals: "a")]
        let silence = Silence(
            id: "1", matchers: matchers, startsAt: 10, endsAt: 20, updatedAt: 5, createdBy: "me", comment: ""
        )
        var book = SilenceBook([silence])
        let labels = Labels([("instance", "a")])
        #expect([9, 10, 19, 20].map { book.silence(labels, at: $0) } == [false, true, true, false])
        #expect(!book.silence(Labels([("instance", "b")]), at: 15))
        #expect(silence.problem(at: 5) == nil)
        #expect(silence.problem(at: 20) == "endsAt must not be in the past")
        #expect(silence.ended(at: 15).state(at: 15) == .expired)
        #expect(book.removeExpired(at: 20) == [])
        #expect(book.removeExpired(at: 21 + SilenceBook.retentionMilliseconds) == ["1"])
        let anything = [try LabelMatcher(name: "x", operation: .matches, value: ".*")]
        let empty = Silence(
            id: "2", matchers: anything, startsAt: 10, endsAt: 20, updatedAt: 5, createdBy: "me", comment: ""
        )
        #expect(empty.problem(at: 5) == "at least one matcher must not match the empty text")
    }
}
