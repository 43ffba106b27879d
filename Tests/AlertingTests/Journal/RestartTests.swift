import Metrics
import PromQL
import SQLite
import StateFile
import TestServers
import Testing
import TimeSeriesStore

@testable import Alerting

/// A process that evaluates one rule on what it polls, and that can be dropped at any moment as by `kill -9`.
private struct Process {
    let file: StateFile
    let journal: AlertJournal
    let store: TimeSeriesStore
    var evaluation: RuleGroupEvaluation
    private var writer: RuleResultWriter
    private let polls: SeriesGroup
    private let restoration: RestorationConfiguration?

    init(in directory: TemporaryDirectory, hold: String, at now: Int64) throws {
        file = try StateFile(directory: directory.path, now: now)
        journal = AlertJournal(file)
        store = TimeSeriesStore(keys: SeriesKeyTable(catalog: MetricCatalog()))
        if let history = try file.history() {
            try store.restore(from: history.pieces)
            store.removeExpired(now: now)
        }
        if let lastAlive = try file.lastAlive() {
            let clocks = AlertClocks(alerts: try journal.activeAlerts(), lastAlive: lastAlive)
            try clocks.write(to: store)
            restoration = clocks.restoration(now: now)
        } else {
            restoration = nil
        }
        let rules = "groups:\n- {name: g, rules: [{alert: Down, expr: up == 0, for: \(hold)}]}"
        evaluation = RuleGroupEvaluation(try ruleGroups(rules)[0], awaitsRestoration: restoration != nil)
        writer = RuleResultWriter(store: store, ruleCount: 1)
        polls = store.addGroup(labels: Labels([("instance", "i")]))
    }

    /// Polls and evaluates once; returns what the journal takes for news.
    mutating func turn(_ value: Double, at now: Int64, isSecond: Bool = false) throws -> [AlertChange.Kind] {
        let key = store.keys.intern(Labels([("__name__", "up")]))
        try store.append(keys: [key], values: [value], at: now, to: polls)
        store.keys.release([key])
        var writer = writer
        let results = evaluation.evaluate(
            at: now,
            engine: QueryEngine(),
            source: StoreSeriesSource(store),
            externals: TemplateExternals()
        ) { writer.write($0) }
        self.writer = writer
        if isSecond, let restoration {
            try evaluation.restore(from: StoreSeriesSource(store), at: now, configuration: restoration)
        }
        try file.noteAlive(at: now)
        return try results.flatMap { try journal.record($0.changes, of: evaluation.group) }.map(\.kind)
    }

    func keepHistory(at now: Int64) throws {
        try file.replaceHistory(at: now) { (take) throws(SQLiteError) in try store.encodeSnapshot(take) }
    }

    var activeAt: Int64? {
        evaluation.rules[0].activeAlerts.first?.activeAt
    }

    var samples: [Int64] {
        var found: [Int64] = []
        store.forEachSeries(SeriesSelector(metricName: "up"), from: 0, through: .max / 2) { _, timestamps, _ in
            found += timestamps
        }
        return found.sorted()
    }
}

@Suite("A restart after kill -9")
struct RestartTests {
    private let directory: TemporaryDirectory
    private let second: Int64 = 1000
    /// A time of day, in whole seconds.
    private let start: Int64 = 1_700_000_000_000

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("History is lost since the last snapshot only, and the clock of an alert younger than that goes on")
    func clockGoesOn() throws {
        do {
            var process = try Process(in: directory, hold: "1h", at: start)
            #expect(try process.turn(1, at: start) == [])
            #expect(try process.turn(1, at: start + 10 * second) == [])
            try process.keepHistory(at: start + 10 * second)
            #expect(try process.turn(0, at: start + 20 * second) == [.pending])
            #expect(try process.turn(0, at: start + 30 * second) == [])
        }
        var process = try Process(in: directory, hold: "1h", at: start + 32 * second)
        #expect(process.samples == [start, start + 10 * second])
        #expect(try process.turn(0, at: start + 35 * second) == [])
        #expect(try process.turn(0, at: start + 45 * second, isSecond: true) == [])
        // A short absence is as evaluations that were missed.
        #expect(process.activeAt == start + 20 * second)
        #expect(try process.journal.entries().map(\.kind) == [.pending])
        #expect(try process.journal.activeAlerts().first?.activeAt == start + 20 * second)
    }

    @Test("A short `for` goes on as well, through many restarts, and fires once")
    func shortHold() throws {
        var now = start
        var told: [AlertChange.Kind] = []
        for _ in 0..<10 {
            var process = try Process(in: directory, hold: "30s", at: now)
            for turn in 1...4 {
                now += second
                told += try process.turn(0, at: now, isSecond: turn == 2)
            }
        }
        #expect(told == [.pending, .firing])
        var process = try Process(in: directory, hold: "30s", at: now)
        #expect(try process.turn(1, at: now + second) == [])
        #expect(try process.journal.endAlerts(notIn: { [] }, at: now + 2 * second).map(\.kind) == [.resolved])
    }

    @Test("After a long absence the rules of Prometheus hold: a short `for` begins anew")
    func longAbsence() throws {
        do {
            var process = try Process(in: directory, hold: "5m", at: start)
            #expect(try process.turn(0, at: start) == [.pending])
        }
        let later = start + 30 * 60 * second
        var process = try Process(in: directory, hold: "5m", at: later)
        #expect(try process.turn(0, at: later) == [])
        #expect(try process.turn(0, at: later + second, isSecond: true) == [])
        #expect(process.activeAt == later)
    }

    @Test("An alert that fires goes on without being told again, and its end is told")
    func firing() throws {
        do {
            var process = try Process(in: directory, hold: "10m", at: start)
            #expect(try process.turn(0, at: start) == [.pending])
            #expect(try process.turn(0, at: start + 600 * second) == [.firing])
        }
        let later = start + 610 * second
        var process = try Process(in: directory, hold: "10m", at: later)
        #expect(try process.turn(0, at: later) == [])
        #expect(try process.turn(0, at: later + second, isSecond: true) == [])
        #expect(process.activeAt == start)
        #expect(try process.turn(0, at: later + 2 * second) == [])
        #expect(process.evaluation.rules[0].state == .firing)
        #expect(try process.turn(1, at: later + 3 * second) == [.resolved])
    }
}
