import ArgumentParser
import FoundationEssentials
import Glibc
import HTTPClient
import Metrics

/// `redstart query`: asks a running daemon for the value of a PromQL expression.
struct QueryCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, plot
    }

    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask a running daemon for the value of a PromQL expression.",
        discussion: """
            Without --since or --start it is the value now or at --time, with one of them the values over a span of \
            time. Any server with the API of Prometheus can be asked.

            Exit codes: 0 there is a value, also an empty one; 1 the query has a mistake or nobody answers.
            """
    )

    @Argument(help: "The expression, such as 'rate(redis_commands_processed_total[1m])'.")
    var expression: String

    @OptionGroup var daemon: DaemonAddress

    @Option(help: "The time to ask for, as Unix seconds or 2026-01-31T12:00:00Z, instead of now.")
    var time: String?

    @Option(help: "Start of a span of time; its end is --end or now.")
    var start: String?

    @Option(help: "End of a span of time.")
    var end: String?

    @Option(help: "Length of a span of time that ends at --end or now.")
    var since: DurationOption?

    @Option(help: "Distance of two points of a span; as many points as the terminal is wide if not given.")
    var step: DurationOption?

    @Option(help: "table, json for the answer of the API, or plot.")
    var format = Format.table

    @Option(help: "Longest time to wait for the answer.")
    var timeout = DurationOption(.seconds(120))

    func validate() throws {
        if time != nil, isRange { throw ValidationError("--time is for one time, not with --start, --since or --end") }
        if start != nil, since != nil { throw ValidationError("give --start or --since, not both") }
        if end != nil, start == nil, since == nil { throw ValidationError("--end needs --start or --since") }
        try step?.requireAtLeast(.milliseconds(1), "--step")
        try since?.requireAtLeast(.milliseconds(1), "--since")
        try timeout.requireAtLeast(.milliseconds(1), "--timeout")
        for (name, text) in [("time", time), ("start", start), ("end", end)] {
            guard let text, Self.seconds(text) == nil else { continue }
            throw ValidationError("--\(name) must be Unix seconds or like 2026-01-31T12:00:00Z")
        }
    }

    func run() async throws {
        let client = try daemon.client(timeout: timeout.duration + .seconds(5))
        do {
            let answer = try await ask(client)
            let response = try APIAnswer<QueryData>(answer, from: client.url)
            for text in response.warnings { StandardError.write(TextTable.oneLine(text) + "\n") }
            switch format {
            case .json: try StandardOutput.write(answer.body + [UInt8(ascii: "\n")])
            case .table, .plot: try StandardOutput.write(render(response.data))
            }
        } catch let error as DaemonError {
            StandardError.write("\(error)\n")
            throw ExitCode.failure
        }
    }

    private func render(_ data: QueryData) -> String {
        switch data.result {
        case .series(let series) where format == .plot:
            return QueryPlot(series, screen: Terminal.screen)?.render() ?? ""
        default:
            return QueryTable.render(data)
        }
    }

    /// Whether values over a span of time are asked for; a plot of one time would be a dot.
    private var isRange: Bool {
        start != nil || end != nil || since != nil || (format == .plot && time == nil)
    }

    private func ask(_ client: DaemonClient) async throws(DaemonError) -> ClientResponse {
        var form = [("query", expression), ("timeout", Self.text(Double(timeout.duration.milliseconds) / 1000))]
        guard isRange else {
            if let time { form.append(("time", time)) }
            return try await client.post("/api/v1/query", form: form)
        }
        let end = end.flatMap(Self.seconds) ?? Double(WallClock.milliseconds()) / 1000
        let length = Double((since ?? DurationOption(.seconds(3600))).duration.milliseconds) / 1000
        let start = start.flatMap(Self.seconds) ?? end - length
        let points = format == .plot ? Double(Terminal.screen.columns * 2) : 60
        let step = step.map { Double($0.duration.milliseconds) / 1000 } ?? max(1, ((end - start) / points).rounded(.up))
        form += [("start", Self.text(start)), ("end", Self.text(end)), ("step", Self.text(step))]
        return try await client.post("/api/v1/query_range", form: form)
    }

    private static func text(_ seconds: Double) -> String {
        NumberFormat.decimalText(seconds)
    }

    private static func seconds(_ text: String) -> Double? {
        if let seconds = Double(text) { return seconds.magnitude < 1e12 ? seconds : nil }
        let date =
            (try? Date.ISO8601FormatStyle().parse(text))
            ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
        return date?.timeIntervalSince1970
    }
}

/// What standard output is connected to.
enum Terminal {
    /// Its size, that of the variables COLUMNS and LINES where it is no terminal, else 80 by 24.
    static var screen: QueryPlot.Screen {
        var screen = QueryPlot.Screen()
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
            screen.columns = Int(size.ws_col)
            screen.rows = Int(size.ws_row)
        } else {
            screen.columns = number("COLUMNS") ?? screen.columns
            screen.rows = number("LINES") ?? screen.rows
        }
        // https://no-color.org
        let isUnwanted = Environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        screen.hasColor = isatty(STDOUT_FILENO) == 1 && !isUnwanted && Environment["TERM"] != "dumb"
        return screen
    }

    private static func number(_ name: String) -> Int? {
        Environment[name].flatMap { Int($0) }.flatMap { (20...1000).contains($0) ? $0 : nil }
    }
}
