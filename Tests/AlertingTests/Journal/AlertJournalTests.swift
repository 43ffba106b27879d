import Metrics
import SQLite
import StateFile
import TestServers
import Testing

@testable import Alerting

@Suite("The journal of alerts")
struct AlertJournalTests {
    private let group: RuleGroup
    private let journal: AlertJournal

    init() throws {
        group = try ruleGroups("groups:\n- {name: g}")[0]
        journal = AlertJournal(try StateFile(directory: nil, now: 0))
    }

    private func change(
        _ kind: AlertChange.Kind,
        _ name: String,
        node: String = "a",
        at time: Int64,
        value: Double = 1
    ) -> AlertChange {
        let alert = Alert(
            labels: Labels([("alertname", name), ("instance", node)]),
            annotations: Labels([("summary", "\(name) ä \(time)")]),
            value: value,
            state: kind == .pending ? .pending : kind == .firing ? .firing : .inactive,
            activeAt: time,
            firedAt: kind == .firing ? time : nil,
            keepFiringSince: nil,
            resolvedAt: kind == .resolved || kind == .dropped ? time : nil
        )
        return AlertChange(kind: kind, alert: alert, timestampMilliseconds: time)
    }

    @Test("An entry has everything of the change, also values that databases do not like")
    func fields() throws {
        let changes = [
            change(.firing, "A", at: 1, value: .infinity), change(.firing, "B", at: 1, value: .nan),
            change(.resolved, "A", at: 5, value: -0.5),
        ]
        let written = try journal.record(changes, of: group)
        #expect(written.map(\.id) == [1, 2, 3])
        let read = try journal.entries()
        #expect(read.map(\.id) == [3, 2, 1])
        #expect(read[1].value.isNaN)
        let first = try #require(read.last)
        #expect(first == written[0])
        #expect(first.kind == .firing && first.value == .infinity && first.activeAt == 1 && first.firedAt == 1)
        #expect(first.labels == changes[0].alert.labels)
        #expect(first.annotations["summary"] == "A ä 1")
        #expect(first.resolvedAt == nil && read[0].resolvedAt == 5)
        #expect(first.group == "g" && first.file == "test.yml")
    }

    @Test("What a process before has written is no news; what ends is, under the name that fits")
    func news() throws {
        func kinds(_ changes: [AlertChange]) throws -> [AlertChange.Kind] {
            try journal.record(changes, of: group).map(\.kind)
        }
        #expect(try kinds([change(.pending, "A", at: 1), change(.firing, "B", at: 1)]) == [.pending, .firing])
        // As after a restart: both are found again.
        #expect(try kinds([change(.pending, "A", at: 9), change(.pending, "B", at: 9)]) == [])
        #expect(try journal.activeAlerts().map(\.activeAt) == [1, 1])
        #expect(try kinds([change(.firing, "A", at: 10), change(.firing, "B", at: 10)]) == [.firing])
        #expect(try kinds([change(.pending, "B", at: 11)]) == [])
        // It was pending again for the process, but everyone has been told that it fires.
        #expect(try kinds([change(.dropped, "B", at: 12)]) == [.resolved])
        #expect(try kinds([change(.resolved, "A", at: 12)]) == [.resolved])
        #expect(try journal.activeAlerts() == [])
        #expect(try kinds([change(.pending, "B", at: 13), change(.dropped, "B", at: 14)]) == [.pending, .dropped])
    }

    @Test("Alerts that have not come back after a restart end, each as what it was")
    func endAlerts() throws {
        _ = try journal.record(
            [change(.firing, "A", at: 1), change(.pending, "B", at: 1), change(.firing, "C", at: 1)],
            of: group
        )
        let present = Set([change(.firing, "C", at: 1).alert.labels])
        let ended = try journal.endAlerts(notIn: { present }, at: 7)
        #expect(ended.map(\.kind) == [.resolved, .dropped])
        #expect(ended.map { $0.labels["alertname"] } == ["A", "B"])
        #expect(ended.allSatisfy { $0.resolvedAt == 7 && $0.timestampMilliseconds == 7 && $0.activeAt == 1 })
        #expect(try journal.activeAlerts().map { $0.labels["alertname"] } == ["C"])
        #expect(try journal.endAlerts(notIn: { present }, at: 8) == [])
    }

    @Test("A query finds by name, label, kind and time, the newest first, page by page")
    func queries() throws {
        // More than are read in one go, with one match far back.
        for time in 1...Int64(1200) {
            let isRare = time == 3
            let kinds: [AlertChange.Kind] = [.firing, .resolved]
            let changes = kinds.map { change($0, isRare ? "Rare" : "Often", node: isRare ? "b" : "a", at: time) }
            _ = try journal.record(changes, of: group)
        }
        func times(_ set: (inout JournalQuery) -> Void) throws -> [Int64] {
            var query = JournalQuery(limit: 3)
            set(&query)
            return try journal.entries(query).map(\.timestampMilliseconds)
        }
        #expect(try times { _ in } == [1200, 1200, 1199])
        #expect(try times { $0.alert = "Rare" } == [3, 3])
        #expect(try times { $0.labels = [("instance", "b")] } == [3, 3])
        #expect(try times { $0.labels = [("instance", "b"), ("alertname", "Often")] } == [])
        #expect(try times { $0.labels = [("nothing", "")] } == [1200, 1200, 1199])
        #expect(try times { $0.kinds = [.resolved] } == [1200, 1199, 1198])
        #expect(try times { ($0.from, $0.through) = (3, 4) } == [4, 4, 3])
        #expect(try times { $0.before = 4 } == [2, 1, 1])
        #expect(try times { $0.limit = 0 } == [])
        #expect(try times { $0.limit = -1 } == [])
    }

    @Test("Old entries go, then those beyond the count; alerts that are active keep theirs")
    func retention() throws {
        _ = try journal.record([change(.firing, "Active", at: 1)], of: group)
        for time in 2...Int64(1500) {
            _ = try journal.record([change(.firing, "A", at: time), change(.resolved, "A", at: time)], of: group)
        }
        let byAge = JournalRetention(milliseconds: 500, entries: .max)
        var rounds = 1
        while try journal.removeExpired(byAge, now: 1500) { rounds += 1 }
        #expect(rounds > 1)
        let times = try journal.entries(JournalQuery(limit: 10_000)).map(\.timestampMilliseconds)
        #expect(times.last == 1 && times.dropLast().last == 1000)
        #expect(try !journal.removeExpired(JournalRetention(milliseconds: .max, entries: 10), now: 0))
        #expect(try journal.entries(JournalQuery(limit: 10_000)).count == 11)
        #expect(try journal.activeAlerts().map { $0.labels["alertname"] } == ["Active"])
    }

    @Test("Labels come back as they were, whatever is in them; damage ends the list and nothing else")
    func labelBytes() {
        let labels = Labels([("a", ""), ("b", "x\0y"), ("ü", String(repeating: "ß", count: 300))])
        let bytes = labels.journalBytes
        #expect(Labels(journalBytes: bytes) == labels)
        #expect(Labels(journalBytes: Labels().journalBytes) == Labels())
        for end in bytes.indices { #expect(Labels(journalBytes: Array(bytes[..<end])).count < labels.count) }
        #expect(Labels(journalBytes: [255, 255, 255, 255, 1]) == Labels())
    }
}
