import Alerting
import ArgumentParser
import FoundationEssentials
import Glibc
import HTTPClient
import JSON
import Metrics
import PromQL

/// `redstart silence`: alerts that are not told for a while.
struct SilenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence",
        abstract: "Make, list and end silences of a running daemon.",
        subcommands: [AddSilence.self, ListSilences.self, ExpireSilence.self]
    )
}

extension DaemonAddress {
    /// Asks the daemon; a status that is no success is an error with the daemon's words.
    fileprivate func send(_ method: String, _ path: String, body: [UInt8] = []) async throws -> [UInt8] {
        let client = try client()
        let response = try await client.send(method, path, body)
        guard (200...299).contains(response.status) else {
            let text = (try? JSONDecoder().decode(String.self, from: Data(response.body))) ?? "no such place there"
            throw DaemonError("\(client.url) answers \(response.status): \(text)")
        }
        return response.body
    }
}

/// `redstart silence add`.
struct AddSilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Make a silence; prints its name.")

    @OptionGroup var daemon: DaemonAddress

    @Argument(
        help: "What the labels of the alerts are: instance=cache-1:6379 severity=~'info|warning'. All must be met."
    )
    var matchers: [String]

    @Option(help: "How long it holds.")
    var duration = DurationOption(.seconds(3600))

    @Option(help: "Why.")
    var comment: String

    @Option(help: "Who makes it; the name of the user if not given.")
    var author: String = getenv("USER").map { String(cString: $0) } ?? "redstart"

    func validate() throws {
        try duration.requireAtLeast(.seconds(1), "--duration")
        _ = try parsedMatchers()
    }

    private func parsedMatchers() throws -> [LabelMatcher] {
        do {
            return try matchers.flatMap { try MatcherText.parse($0) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        let now = Date.now
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var writer = JSONWriter()
        try writer.object { writer in
            writer.key("matchers")
            writer.array(of: try parsedMatchers()) { writer, matcher in
                writer.object { writer in
                    writer.member("name", matcher.name)
                    writer.member("value", matcher.value)
                    writer.key("isRegex")
                    writer.bool(matcher.operation == .matches || matcher.operation == .notMatches)
                    writer.key("isEqual")
                    writer.bool(matcher.operation == .equal || matcher.operation == .matches)
                }
            }
            writer.member("startsAt", now.formatted(style))
            let seconds = Double(duration.duration.milliseconds) / 1000
            writer.member("endsAt", now.addingTimeInterval(seconds).formatted(style))
            writer.member("createdBy", author)
            writer.member("comment", comment)
        }
        struct Answer: Decodable {
            let silenceID: String
        }
        let body = try await daemon.send("POST", "/api/redstart/v1/silences", body: writer.bytes)
        try StandardOutput.write(try JSONDecoder().decode(Answer.self, from: Data(body)).silenceID + "\n")
    }
}

/// `redstart silence list`.
struct ListSilences: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Print the silences.")

    @OptionGroup var daemon: DaemonAddress

    @Flag(help: "Also those that are over.")
    var expired = false

    private struct Silence: Decodable {
        struct Status: Decodable {
            let state: String
        }

        struct Matcher: Decodable {
            let name: String
            let value: String
            let isRegex: Bool
            let isEqual: Bool

            var text: String {
                let operation = isRegex ? (isEqual ? "=~" : "!~") : (isEqual ? "=" : "!=")
                return name + operation + value.debugDescription
            }
        }

        let id: String
        let status: Status
        let matchers: [Matcher]
        let endsAt: String
        let createdBy: String
        let comment: String
    }

    func run() async throws {
        let body = try await daemon.send("GET", "/api/redstart/v1/silences")
        let all = try JSONDecoder().decode([Silence].self, from: Data(body))
        let shown = all.filter { expired || $0.status.state != "expired" }
        let rows = shown.map { silence in
            [
                silence.id, silence.status.state, silence.endsAt, silence.matchers.map(\.text).joined(separator: " "),
                silence.createdBy, silence.comment,
            ].map(TextTable.oneLine)
        }
        let lines = TextTable.render([["ID", "STATE", "ENDS", "MATCHERS", "AUTHOR", "COMMENT"]] + rows)
        try StandardOutput.write(lines.joined(separator: "\n") + "\n")
    }
}

/// `redstart silence expire`.
struct ExpireSilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "expire", abstract: "End silences.")

    @OptionGroup var daemon: DaemonAddress

    @Argument(help: "Their names.")
    var ids: [String]

    func validate() throws {
        for id in ids where id.isEmpty || !id.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || isHexDigit($0) }) {
            throw ValidationError("`\(id)` is no name of a silence")
        }
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        (byte &- UInt8(ascii: "0") < 10) || ((byte | 0x20) &- UInt8(ascii: "a") < 6)
    }

    func run() async throws {
        for id in ids { _ = try await daemon.send("DELETE", "/api/redstart/v1/silences/\(id)") }
    }
}
