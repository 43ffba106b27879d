import FleetUnderTest
import Glibc
import RedisClient
import RedisFleet
import TestServers
import Testing

/// What a server that means harm says once it has accepted a connection.
struct Hostility: CustomTestStringConvertible {
    let testDescription: String
    let answers: [String]
    let ending: ScriptedServer.Ending
    let reason: FailureReason

    static let all = [
        Hostility("not RESP", ["what?\r\n"], .close, .protocol),
        Hostility("a web server", ["HTTP/1.1 400 Bad Request\r\n\r\n"], .close, .protocol),
        Hostility("zeros", ["\0\0\0\0\0\0\0\0"], .silence, .protocol),
        Hostility("a string of 512 MB, announced", ["+OK\r\n", "$536870912\r\n"], .silence, .limit),
        Hostility(
            "a string of 512 MB, sent", ["+OK\r\n", "$536870912\r\n"], .flood(String(repeating: "x", count: 65536)),
            .limit),
        Hostility("a string of -2 bytes", ["+OK\r\n", "$-2\r\n"], .silence, .protocol),
        Hostility("an array of 2^31", ["+OK\r\n", "*2147483648\r\n"], .silence, .protocol),
        Hostility("an array of 2^63", ["+OK\r\n", "*9223372036854775808\r\n"], .silence, .protocol),
        Hostility("arrays in arrays", ["+OK\r\n", "*1\r\n"], .flood("*1\r\n"), .limit),
        Hostility("arrays in arrays, wide", ["+OK\r\n", "*1000000\r\n"], .flood("*1000000\r\n"), .limit),
        Hostility("a line without end", ["+OK\r\n", "+"], .flood(String(repeating: "x", count: 65536)), .limit),
        Hostility("a number without end", ["+OK\r\n", ":"], .flood("1111111111111111"), .limit),
        Hostility("replies without end", ["+OK\r\n", "+OK\r\n"], .flood("+OK\r\n"), .protocol),
        Hostility("a slow drip", ["+OK\r\n", "$1000\r\n"], .drip("x"), .timeout),
        Hostility("half a reply", ["+OK\r\n", "$1000\r\n# Server\r\nredis_version:7"], .close, .closed),
        Hostility("INFO that is none", ["+OK\r\n", "$5\r\nhello\r\n"], .silence, .protocol),
        Hostility("an integer for INFO", ["+OK\r\n", ":1\r\n"], .silence, .protocol),
        Hostility("silence", [], .silence, .timeout),
    ]

    init(_ name: String, _ answers: [String], _ ending: ScriptedServer.Ending, _ reason: FailureReason) {
        testDescription = name
        self.answers = answers
        self.ending = ending
        self.reason = reason
    }

    func start() throws -> ScriptedServer {
        try ScriptedServer(answers: answers, then: ending)
    }
}

@Suite("Servers that mean harm", .timeLimit(.minutes(6)))
struct HostileServerTests {
    @Test(
        "Whatever a server says, its connection ends with a counted reason, and the polls go on",
        arguments: Hostility.all)
    func reason(hostility: Hostility) async throws {
        let server = try hostility.start()
        let watched = try WatchedFleet(
            ["127.0.0.1:\(server.port)"],
            interval: .milliseconds(100),
            timeout: .seconds(3)
        )
        let running = watched.start()
        defer { running.cancel() }
        let counter = "redstart_node_poll_failures_total{reason=\"\(hostility.reason.rawValue)\"}"
        try await eventually("two polls have failed with the reason \(hostility.reason)") {
            guard let last = watched.outcomes.all.last else { return false }
            return (watched.value(counter, in: last) ?? 0) >= 2
        }
        #expect(watched.outcomes.all.allSatisfy { watched.value("redis_up", in: $0) == 0 })
    }

    @Test("All of them at once cost the daemon little memory and no poll of a good node")
    func memory() async throws {
        let good = try await RedisServer.start()
        let servers = try Hostility.all.map { try $0.start() }
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "1s", "--connection-timeout", "1s", "redis://\(good.address)"]
                + servers.map { "redis://127.0.0.1:\($0.port)" }
        )
        let label = "{instance=\"\(good.address)\"}"
        try await eventually("six polls of the good node", seconds: 40) {
            value("redstart_node_polls_total\(label)", in: try redstart.get("/metrics").text) ?? 0 >= 6
        }
        let text = try redstart.get("/metrics").text
        #expect(value("redis_up\(label)", in: text) == 1)
        let failures = text.split(separator: "\n").filter { $0.hasPrefix("redstart_node_poll_failures_total{") }
        #expect(!failures.contains { $0.contains(good.address) })
        for (server, hostility) in zip(servers, Hostility.all) {
            let labels = "reason=\"\(hostility.reason.rawValue)\",instance=\"127.0.0.1:\(server.port)\""
            let failed = value("redstart_node_poll_failures_total{\(labels)}", in: text) ?? 0
            #expect(failed >= 1, "\(hostility.testDescription)")
        }
        let resident = try #require(value("process_resident_memory_bytes", in: text))
        #expect(resident < 150e6)
        #expect(redstart.process.isRunning)
    }

    private func value(_ series: String, in text: String) -> Double? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
    }
}
