import FoundationEssentials
import Glibc
import TestServers
import Testing

/// One incident, seen by Redstart and by a Prometheus that scrapes it and has loaded the same rules.
@Suite("Alerts beside a real Prometheus", .serialized)
struct BesidePrometheusTests {
    /// The time from one poll, scrape or evaluation to the next.
    private static let interval = 5
    /// What happened is seen at the next poll or scrape, and told at the next evaluation after it: each of the two may
    /// come up to one interval later in the one than in the other.
    private static let tolerance = Double(2 * interval)

    @Test("The bundled rules reach the same states at the same evaluation, give or take one", .timeLimit(.minutes(5)))
    func incident() async throws {
        let folder = try TemporaryDirectory()
        let rules = try Self.copyRules(to: folder)
        let master = try await RedisServer.start()
        let replicaOf = ["--replicaof", "127.0.0.1", "\(master.port)"]
        let replica = try await RedisServer.start(replicaOf)
        let redstart = try await RedstartProcess.serve(
            [
                "--poll-interval", "\(Self.interval)s", "--scrape-max-age", "0s", "--rules", rules,
                "--evaluation-interval", "\(Self.interval)s", master.address, replica.address,
            ]
        )
        let prometheus = try await Self.startPrometheus(scraping: redstart.port, in: folder)
        var timeline = Timeline(ours: redstart.port, theirs: prometheus.port)
        // Of a replica that was there for one sample only the rules make different things by chance.
        try await timeline.follow(for: "the replica is known") { _, theirs in
            let samples = try? prometheus.value(of: "max(sum_over_time(redis_connected_slaves[1m]))")
            return theirs.isEmpty && (samples ?? 0) >= 4
        }

        replica.process.kill()
        try await Self.redis(master, ["config", "set", "maxmemory", "1mb"])
        let down = AlertName("RedisDown", replica.address)
        let full = AlertName("RedisMemoryCritical", master.address)
        try await timeline.follow(for: "both alerts fire in both") { ours, theirs in
            ours == theirs && ours[down] == "firing" && ours[full] == "firing"
        }
        let again = try ServerProcess(
            "redis-server",
            ["--port", "\(replica.port)", "--bind", "127.0.0.1", "--save", ""] + replicaOf,
            in: try TemporaryDirectory()
        )
        try await Self.redis(master, ["config", "set", "maxmemory", "0"])
        try await timeline.follow(for: "both alerts are over in both") { ours, theirs in
            ours == theirs && ours[down] == nil && ours[full] == nil
        }
        again.kill()
        timeline.compare(tolerance: Self.tolerance)
    }

    /// Predicts from all samples since the start, which are not the same ones in both.
    static let leftToChance = "RedisMemoryPredictedFull"

    /// The bundled rule files, but that nobody has minutes to wait for.
    private static func copyRules(to folder: TemporaryDirectory) throws -> String {
        let project = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let source = project.joined(separator: "/") + "/rules"
        for topic in ["availability", "cache", "connections", "memory", "persistence", "replication"] {
            let text = try String(contentsOf: URL(filePath: "\(source)/\(topic).rules.yml"), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                let isWait = parts.first.map { $0.hasSuffix(" for") || $0.hasSuffix(" keep_firing_for") } ?? false
                return isWait ? parts[0] + ": 10s" : line
            }
            try folder.write(lines.joined(separator: "\n"), to: "\(topic).rules.yml")
        }
        return folder.file("*.rules.yml")
    }

    private static func startPrometheus(
        scraping port: Int,
        in folder: TemporaryDirectory
    ) async throws -> PrometheusServer {
        try folder.write(
            """
            global: {scrape_interval: \(interval)s, evaluation_interval: \(interval)s}
            rule_files: ['\(folder.file("*.rules.yml"))']
            scrape_configs:
              - job_name: redis
                honor_labels: true
                static_configs: [{targets: ['127.0.0.1:\(port)']}]
            """,
            to: "prometheus.yml"
        )
        return try await PrometheusServer.start(in: folder)
    }

    private static func redis(_ server: RedisServer, _ command: [String]) async throws {
        let client = try ServerProcess("redis-cli", ["-p", "\(server.port)"] + command, in: try TemporaryDirectory())
        #expect(try await client.exitCode() == 0)
    }
}

extension PrometheusServer {
    /// The value of an expression with one element.
    fileprivate func value(of query: String) throws -> Double? {
        let path = "/api/v1/query?query=" + query.replacing("[", with: "%5B").replacing("]", with: "%5D")
        let text = try HTTPProbe.get(path, port: port).text
        return text.split(separator: "\"value\":[").dropFirst().first?.split(separator: "\"").dropFirst().first
            .flatMap { Double($0) }
    }
}

/// What was waited for did not come.
private struct InVain: Error {
    let expectation: String
    let states: [[AlertName: String]]
}

/// An alert on one server.
private struct AlertName: Hashable {
    let name: String
    let instance: String

    init(_ name: String, _ instance: String) {
        self.name = name
        self.instance = instance
    }
}

/// What both have said of each alert, and when.
private struct Timeline {
    /// When an alert was first seen in a state, and when it was gone.
    struct Course {
        var pending: Double?
        var firing: Double?
        var gone: Double?
        /// Since when it holds, as the program says.
        var activeAt: Double?
    }

    private struct Answer: Decodable {
        struct Content: Decodable {
            let alerts: [Alert]
        }

        struct Alert: Decodable {
            let labels: [String: String]
            let state: String
            let activeAt: String
        }

        let data: Content
    }

    let ours: Int
    let theirs: Int
    private var courses: [[AlertName: Course]] = [[:], [:]]

    init(ours: Int, theirs: Int) {
        self.ours = ours
        self.theirs = theirs
    }

    /// Asks both again and again until a condition on the states of both holds.
    mutating func follow(
        for expectation: String,
        until isReached: (_ ours: [AlertName: String], _ theirs: [AlertName: String]) -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(100)
        while true {
            let states = [try note(ours, 0), try note(theirs, 1)]
            if isReached(states[0], states[1]) { return }
            guard .now < end else { throw InVain(expectation: expectation, states: states) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private mutating func note(_ port: Int, _ side: Int) throws -> [AlertName: String] {
        let now = Date().timeIntervalSince1970
        let body = try HTTPProbe.get("/api/v1/alerts", port: port).body
        var states: [AlertName: String] = [:]
        for alert in try JSONDecoder().decode(Answer.self, from: Data(body)).data.alerts {
            let name = AlertName(alert.labels["alertname"] ?? "", alert.labels["instance"] ?? "")
            if name.name == BesidePrometheusTests.leftToChance { continue }
            states[name] = alert.state
            var course = courses[side][name] ?? Course()
            if alert.state == "pending" { course.pending = course.pending ?? now }
            if alert.state == "firing" { course.firing = course.firing ?? now }
            course.activeAt = course.activeAt ?? Self.seconds(alert.activeAt)
            courses[side][name] = course
        }
        for (name, course) in courses[side] where states[name] == nil && course.gone == nil {
            courses[side][name]?.gone = now
        }
        return states
    }

    private static func seconds(_ text: String) -> Double? {
        // Prometheus gives nanoseconds; whole seconds are near enough.
        let whole = text.split(separator: ".").first.map { $0.hasSuffix("Z") ? String($0) : $0 + "Z" } ?? text
        return (try? Date.ISO8601FormatStyle().parse(whole))?.timeIntervalSince1970
    }

    /// Whatever was firing in one was firing in the other, and all happened at nearly the same times.
    func compare(tolerance: Double) {
        let fired = courses.map { side in Set(side.filter { $0.value.firing != nil }.keys) }
        #expect(fired[0] == fired[1])
        #expect(fired[0].count >= 3)
        for name in fired[0].intersection(fired[1]) {
            guard let own = courses[0][name], let their = courses[1][name] else { continue }
            for (what, one, other) in [
                ("active", own.activeAt, their.activeAt), ("firing", own.firing, their.firing),
                ("gone", own.gone, their.gone),
            ] {
                guard let one, let other else {
                    #expect((one == nil) == (other == nil), "\(name) \(what): only in one of the two")
                    continue
                }
                #expect(abs(one - other) <= tolerance, "\(name) \(what): \(one) here, \(other) in Prometheus")
            }
        }
    }
}
