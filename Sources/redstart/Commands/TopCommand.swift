import ArgumentParser
import Glibc
import HTTPClient
import Metrics
import UnixSignals

/// `redstart top`: the first screen of the page in a terminal.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show alerts, events and nodes of a running daemon in the terminal.",
        discussion: """
            Keys: q or Ctrl-C quits, the arrows and Page Up and Down scroll the nodes. Where the output is no terminal, \
            or with --once, one picture is printed.

            Exit codes: 0; 1 nobody answers at the start.
            """
    )

    /// A key is seen, and a window of another size filled, after this time at the latest.
    private static let tick: Duration = .milliseconds(100)

    @OptionGroup var daemon: DaemonAddress

    @Option(help: "Time from one picture to the next.")
    var interval = DurationOption(.seconds(2))

    @Flag(help: "Print one picture and end.")
    var once = false

    func validate() throws {
        try interval.requireAtLeast(.milliseconds(100), "--interval")
    }

    func run() async throws {
        let client = try daemon.client()
        let data: TopData
        do throws(DaemonError) {
            data = try await TopData.ask(client)
        } catch {
            StandardError.write("\(error)\n")
            throw ExitCode.failure
        }
        guard !once, let terminal = TerminalScreen() else {
            let isTerminal = isatty(STDOUT_FILENO) == 1
            let size = TopScreen.Size(columns: isTerminal ? TerminalScreen.size.columns : 200, hasColor: isTerminal)
            let screen = TopScreen(size: size, now: Self.now)
            return try StandardOutput.write(
                screen.render(data, from: "\(client.url)").map { $0 + "\n" }.joined())
        }
        defer { terminal.restore() }
        try await show(data, on: terminal, client)
    }

    private static var now: Double {
        Double(WallClock.milliseconds()) / 1000
    }

    /// Draws until a key or a signal ends it.
    private func show(_ first: TopData, on terminal: TerminalScreen, _ client: DaemonClient) async throws {
        let latest = LatestData(first)
        let asking = Task {
            while (try? await Task.sleep(for: interval.duration)) != nil { await latest.ask(client) }
        }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let waiting = Task {
            for await _ in signals { return await latest.end() }
        }
        defer {
            asking.cancel()
            waiting.cancel()
        }
        var firstNode = 0
        var drawn: [String] = []
        while await !latest.isEnded {
            let (data, problem) = await latest.value
            let (columns, rows) = TerminalScreen.size
            for key in terminal.keys() {
                switch key {
                case .quit: return
                case .up: firstNode -= 1
                case .down: firstNode += 1
                case .pageUp: firstNode -= rows / 2
                case .pageDown: firstNode += rows / 2
                }
            }
            firstNode = max(0, min(firstNode, data.nodes.nodes.count - 1))
            let size = TopScreen.Size(columns: columns, rows: rows, hasColor: true)
            let lines = TopScreen(size: size, now: Self.now)
                .render(data, from: "\(client.url)", firstNode: firstNode, problem: problem)
            if lines != drawn {
                drawn = lines
                try terminal.show(lines)
            }
            try await Task.sleep(for: Self.tick)
        }
    }
}

/// What the daemon told last, and why it does not tell more.
private actor LatestData {
    private var data: TopData
    private var problem: String?
    private(set) var isEnded = false

    init(_ data: TopData) {
        self.data = data
    }

    var value: (data: TopData, problem: String?) {
        (data, problem)
    }

    func ask(_ client: DaemonClient) async {
        do throws(DaemonError) {
            data = try await TopData.ask(client)
            problem = nil
        } catch {
            problem = "\(error) What is shown is old."
        }
    }

    func end() {
        isEnded = true
    }
}
