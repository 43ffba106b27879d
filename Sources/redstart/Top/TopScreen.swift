import Metrics
import PromQL

/// The first screen of the page as lines of text: what is wrong, where, since when; then what happened, and all nodes.
struct TopScreen {
    /// What the lines are for.
    struct Size: Equatable {
        var columns = 100
        /// No limit where there is no screen to fill.
        var rows: Int?
        var hasColor = false
    }

    private enum Tone: String {
        case plain = ""
        case strong = "1"
        case muted = "2"
        case bad = "1;31"
        case warning = "33"
        case good = "32"
    }

    let size: Size
    let now: Double

    /// The picture; with a screen to fill exactly as many lines as it has, without one as many as there are.
    func render(_ data: TopData, from address: String, firstNode: Int = 0, problem: String? = nil) -> [String] {
        var lines = head(data, address, problem)
        let alerts = alertLines(data)
        let events = eventLines(data)
        let nodes = nodeLines(data)
        guard let rows = size.rows else {
            return lines + alerts + [""] + events + [""] + nodes
        }
        // The nodes get what is left, and never less than a few lines.
        let rest = max(0, rows - lines.count - 2)
        let shownAlerts = cut(alerts, to: max(2, min(alerts.count, rest / 2)), of: "alerts")
        let shownEvents = Array(events.prefix(max(2, min(events.count, (rest - shownAlerts.count) / 4))))
        lines += shownAlerts + [""] + shownEvents + [""]
        let left = max(1, rows - lines.count - 1)
        let title = nodes.prefix(1)
        let offset = max(0, min(firstNode, nodes.count - left))
        lines += title + nodes.dropFirst(1 + offset).prefix(left - 1)
        lines = Array(lines.prefix(rows - 1))
        lines += Array(repeating: "", count: max(0, rows - 1 - lines.count))
        return lines + [line([("q quit   ↑ ↓ scroll", .muted)])]
    }

    private func cut(_ lines: [String], to count: Int, of what: String) -> [String] {
        guard lines.count > count else { return lines }
        return lines.prefix(count - 1) + [line([("… \(lines.count - count + 1) more \(what)", .muted)])]
    }

    // MARK: Parts

    private func head(_ data: TopData, _ address: String, _ problem: String?) -> [String] {
        let up = data.nodes.nodes.count { $0.state == "up" }
        let alerts = shown(data)
        let (firing, pending) = (alerts.count { $0.state == "firing" }, alerts.count { $0.state != "firing" })
        let verdict: (String, Tone) =
            firing > 0
            ? ("\(firing) alert\(firing == 1 ? "" : "s") firing", .bad)
            : up < data.nodes.nodes.count
                ? ("no alert fires", .warning)
                : data.nodes.nodes.isEmpty ? ("no node", .warning) : ("all is well", .good)
        var lines = [
            line([
                ("Redstart", .strong), ("  \(address)  \(LocalTime.text(now.rounded(.down), .full))", .muted),
            ]),
            line([
                verdict, (pending > 0 ? ", \(pending) pending" : "", .warning),
                ("  \(up) of \(data.nodes.nodes.count) nodes up", .plain),
            ]),
        ]
        if let problem { lines.append(line([(problem, .bad)])) }
        return lines + [""]
    }

    /// Not what only proves that alerting works.
    private func shown(_ data: TopData) -> [TopData.Alerts.Alert] {
        data.alerts.alerts.filter { $0.labels["severity"] != "none" && $0.labels["alertname"] != "Watchdog" }
    }

    private func alertLines(_ data: TopData) -> [String] {
        let alerts = shown(data)
        guard !alerts.isEmpty else { return [line([("No alert is pending or firing.", .good)])] }
        let rows = alerts.map { alert in
            [
                alert.silences.isEmpty ? alert.state : "silenced", alert.labels["severity"] ?? "",
                alert.labels["alertname"] ?? "", alert.labels["instance"] ?? alert.labels["deployment"] ?? "",
                Double(alert.value).map { Self.number($0) } ?? alert.value, ago(alert.activeAt),
                alert.annotations["summary"] ?? "",
            ]
        }
        let tones = alerts.map { alert -> Tone in
            if alert.state != "firing" || !alert.silences.isEmpty { return .warning }
            return alert.labels["severity"] == "critical" ? .bad : .warning
        }
        return table(["STATE", "SEVERITY", "ALERT", "WHERE", "VALUE", "SINCE", "SUMMARY"], rows, tones)
    }

    private func eventLines(_ data: TopData) -> [String] {
        let rows = data.events.events.reversed().map { event in
            [
                LocalTime.text(event.time.rounded(.down), .clock), event.kind.replacing("_", with: " "), event.text,
            ]
        }
        guard !rows.isEmpty else { return [line([("Nothing has happened yet.", .muted)])] }
        return table(["TIME", "WHAT", ""], rows, [])
    }

    private func nodeLines(_ data: TopData) -> [String] {
        let order = ["down": 0, "unknown": 1]
        let nodes = data.nodes.nodes.sorted {
            (order[$0.state] ?? 2, $0.deployment, $0.role, $0.instance)
                < (order[$1.state] ?? 2, $1.deployment, $1.role, $1.instance)
        }
        let rows = nodes.map { node in
            [
                node.instance, node.reason.map { "\(node.state): \($0)" } ?? node.state, node.role, node.deployment,
                node.memoryUsed.map { Self.bytes($0) } ?? "–",
                node.memoryMax.flatMap { $0 > 0 ? Self.bytes($0) : nil } ?? "–",
                node.operations.map { Self.number($0) } ?? "–", node.clients.map { Self.number($0) } ?? "–",
                node.uptime.map { Self.duration($0) } ?? "–", node.version,
            ]
        }
        let tones = nodes.map { $0.state == "down" ? Tone.bad : $0.state == "up" ? .plain : .warning }
        let titles = ["NODE", "STATE", "ROLE", "DEPLOYMENT", "MEMORY", "MAX", "OPS/S", "CLIENTS", "UP FOR", "VERSION"]
        return table(titles, rows, tones)
    }

    // MARK: Lines

    private func table(_ titles: [String], _ rows: [[String]], _ tones: [Tone]) -> [String] {
        // A name may be as long as it likes; the columns behind it should still be seen.
        let widest = max(12, size.columns / 3)
        let last = titles.count - 1
        let cells = ([titles] + rows).map { row in
            row.enumerated().map { place, cell in
                let cell = TextTable.oneLine(cell)
                return place == last || cell.count <= widest ? cell : cell.prefix(widest - 1) + "…"
            }
        }
        return TextTable.render(cells).enumerated().map { place, text in
            line([(text, place == 0 ? .muted : place - 1 < tones.count ? tones[place - 1] : .plain)])
        }
    }

    /// Pieces of a line, cut to the width of the screen.
    private func line(_ pieces: [(text: String, tone: Tone)]) -> String {
        var left = size.rows == nil ? Int.max : size.columns
        var result = ""
        for (text, tone) in pieces where left > 0 && !text.isEmpty {
            let plain = TextTable.oneLine(text)
            let shown = plain.count <= left ? plain : plain.prefix(max(0, left - 1)) + "…"
            left -= shown.count
            result += size.hasColor && tone != .plain ? "\u{1B}[\(tone.rawValue)m\(shown)\u{1B}[0m" : shown
        }
        return result
    }

    // MARK: Values

    private func ago(_ time: Double) -> String {
        Self.duration(max(0, now - time))
    }

    private static func duration(_ seconds: Double) -> String {
        guard seconds >= 0, seconds < 1e12 else { return "–" }
        let whole = Int(seconds)
        return switch whole {
        case ..<60: "\(whole)s"
        case ..<3600: "\(whole / 60)m\(whole % 60)s"
        case ..<86400: "\(whole / 3600)h\(whole % 3600 / 60)m"
        default: "\(whole / 86400)d\(whole % 86400 / 3600)h"
        }
    }

    private static func bytes(_ value: Double) -> String {
        scaled(value, by: 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
    }

    private static func number(_ value: Double) -> String {
        scaled(value, by: 1000, ["", "k", "M", "G", "T", "P"])
    }

    /// Three digits or four, and the unit.
    private static func scaled(_ value: Double, by base: Double, _ units: [String]) -> String {
        guard value.isFinite else { return NumberFormat.decimalText(value) }
        var (size, place) = (value.magnitude, 0)
        while size >= base, place < units.count - 1 {
            size /= base
            place += 1
        }
        let factor: Double = size >= 100 ? 1 : size >= 10 ? 10 : size >= 0.01 || size == 0 ? 100 : 10_000
        let rounded = (size * factor).rounded() / factor
        let text = NumberFormat.decimalText(value < 0 ? -rounded : rounded)
        return units[place].isEmpty ? text : "\(text) \(units[place])"
    }
}
