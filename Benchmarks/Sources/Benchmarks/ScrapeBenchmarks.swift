import CAnchors
import FoundationEssentials

/// A fresh `/metrics` over HTTP against the commands of its poll as one pipeline of blocking hiredis: of a server
/// that nobody else uses, and of one whose application calls its commands between polls, of which there is more to
/// ask.
struct ScrapeBenchmarks {
    /// Ports on 127.0.0.1.
    let redis: Int
    let redstart: Int
    /// A folder with `commands` and `commands-in-use`, those of a poll, and `application`; one a line.
    let commands: String
    /// What is to be said of where they run.
    let place: String

    func run(_ harness: inout Harness) throws {
        guard let connection = anchor_connect("127.0.0.1", Int32(redis)),
            let application = anchor_connect("127.0.0.1", Int32(redis))
        else { throw BenchmarkError.unreachable(port: redis) }
        defer {
            anchor_disconnect(connection)
            anchor_disconnect(application)
        }
        let http = anchor_http_connect(Int32(redstart))
        guard http >= 0, anchor_http_get_metrics(http) > 0 else {
            throw BenchmarkError.unreachable(port: redstart)
        }
        let calls = try lines("application")
        for (name, file, calls) in [("nobody else uses", "commands", []), ("is in use", "commands-in-use", calls)] {
            let commands = try lines(file)
            withCStrings(commands) { texts in
                withCStrings(calls) { calledTexts in
                    let figures = harness.pair(rounds: 1001, calls: 1) {
                        _ = anchor_http_get_metrics(http)
                    } anchor: {
                        _ = anchor_pipeline(connection, texts, commands.count)
                    } before: {
                        if !calls.isEmpty { _ = anchor_pipeline(application, calledTexts, calls.count) }
                    }
                    harness.report(
                        "fresh /metrics over HTTP of a server that \(name)\(place), p50",
                        figures.own,
                        budget: "≤ 1.5 ×",
                        anchor: ("the same \(commands.count) commands, bare hiredis", figures.anchor)
                    )
                }
            }
        }
    }

    private func lines(_ file: String) throws -> [String] {
        let path = "\(commands)/\(file)"
        guard let bytes = FileManager.default.contents(atPath: path) else { throw BenchmarkError.usage(path) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
