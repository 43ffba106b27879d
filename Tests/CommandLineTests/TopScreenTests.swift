import Testing

@testable import redstart

@Suite("redstart top")
struct TopScreenTests {
    private func data(nodes: Int, name: String = "node", alerts: Int = 1) -> TopData {
        TopData(
            alerts: TopData.Alerts(
                firing: alerts,
                pending: 0,
                alerts: (0..<alerts).map { number in
                    TopData.Alerts.Alert(
                        state: "firing",
                        labels: ["alertname": "RedisDown", "severity": "critical", "instance": "\(name)-\(number)"],
                        annotations: ["summary": "Redis \(name)-\(number) is down"],
                        value: "0",
                        activeAt: 1000,
                        silences: []
                    )
                }
            ),
            nodes: TopData.Nodes(
                nodes: (0..<nodes).map { number in
                    TopData.Nodes.Node(
                        instance: "\(name)-\(number)", state: number == nodes - 1 ? "down" : "up", role: "master",
                        deployment: "shop", version: "7.0.15", reason: number == nodes - 1 ? "refused" : nil,
                        memoryUsed: 2_621_440, memoryMax: 0, clients: 7, operations: 12_345, uptime: 3_725
                    )
                }
            ),
            events: TopData.Events(events: [.init(time: 1060, kind: "node_down", text: "\(name) does not answer")])
        )
    }

    @Test("All of it where there is no screen to fill: the worst first, values with units")
    func whole() {
        let lines = TopScreen(size: .init(columns: 200), now: 1090).render(data(nodes: 30), from: "http://x")
        #expect(lines[1] == "1 alert firing  29 of 30 nodes up")
        #expect(lines.contains("firing  critical  RedisDown  node-0  0      1m30s  Redis node-0 is down"))
        #expect(lines.contains { $0.hasSuffix("node down  node does not answer") })
        let first = lines.firstIndex { $0.hasPrefix("NODE") }.map { lines[$0 + 1] }
        #expect(first == "node-29  down: refused  master  shop        2.5 MiB  –    12.3 k  7        1h2m    7.0.15")
        #expect(lines.count { $0.hasPrefix("node-") } == 30)
    }

    @Test("A screen is filled exactly, however small, and scrolled", arguments: [(80, 24), (20, 6), (200, 60), (1, 3)])
    func sizes(columns: Int, rows: Int) {
        let screen = TopScreen(size: .init(columns: columns, rows: rows), now: 1090)
        for first in [0, 10, 1000] {
            let lines = screen.render(data(nodes: 100, alerts: 50), from: "http://x", firstNode: first, problem: "gone")
            #expect(lines.count == rows)
            #expect(lines.allSatisfy { $0.count <= columns })
        }
    }

    @Test("Nothing that a server says reaches the terminal as a command")
    func hostileNames() {
        let name = "\u{1B}]0;evil\u{7}\u{1B}[2J\u{9B}31m\n\r" + String(repeating: "x", count: 10_000)
        for rows in [nil, 24] {
            let lines = TopScreen(size: .init(columns: 80, rows: rows), now: 1090).render(
                data(nodes: 3, name: name), from: name)
            #expect(!lines.joined().unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }

    @Test("Colours are for screens that have them")
    func colours() {
        let screen = TopScreen(size: .init(columns: 80, rows: 24, hasColor: true), now: 1090)
        #expect(screen.render(data(nodes: 3), from: "http://x")[1].hasPrefix("\u{1B}[1;31m1 alert firing\u{1B}[0m"))
    }

    @Test("Keys: letters, sequences of arrows, and what means nothing")
    func keys() {
        #expect(
            TerminalScreen.keys(of: Array("j\u{1B}[A\u{1B}[B\u{1B}[5~\u{1B}[6~xq".utf8)) == [
                .down, .up, .down, .pageUp, .pageDown, .quit,
            ])
        #expect(TerminalScreen.keys(of: [3]) == [.quit])
        #expect(TerminalScreen.keys(of: [0xFF, 0x1B, 0x5B]) == [])
    }
}
