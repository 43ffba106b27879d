import FoundationEssentials
import NIOCore

/// What a real server has answered, made ready to be told by many.
struct RecordedReplies {
    /// What depends on the commands that a server has been sent.
    struct Kind {
        /// INFO of a server on its own.
        let info: MovingText
        /// INFO of the node of a cluster.
        let clusterInfo: MovingText
        /// What LATENCY HISTOGRAM says of each command.
        let histograms: [(command: String, text: MovingText)]
    }

    /// Servers that other applications use have been sent other commands.
    let kinds: [Kind]
    let sentinelInfo: MovingText
    let latencyEvents: [UInt8]
    let clientList: [UInt8]
    /// The parameters of CONFIG GET.
    let parameters: [(name: String, value: String)]

    private static let kindCount = 16

    /// - Parameters:
    ///   - folder: Where the replies of one server are, a file each.
    ///   - commands: How many commands the servers have been sent: of each there are several series.
    init(folder: String, commands: Int) throws {
        func read(_ name: String, of role: String = "standalone") throws -> [UInt8] {
            let path = "\(folder)/\(role)/\(name).resp"
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw SimulatorError("cannot read \(path): the replies of a Redis server were expected there")
            }
            return Array(bytes)
        }
        let text = String(decoding: try read("INFO_all"), as: UTF8.self)
        let histogram = try read("LATENCY_HISTOGRAM")
        kinds = (0..<Self.kindCount).map { kind in
            let reader = InfoReader(text: text, commands: kind..<kind + commands)
            return Kind(
                info: reader.text(isCluster: false),
                clusterInfo: reader.text(isCluster: true),
                histograms: Self.histograms(histogram, of: reader.commands)
            )
        }
        let sentinel = String(decoding: try read("INFO_all", of: "sentinel"), as: UTF8.self)
        sentinelInfo = InfoReader(text: sentinel, commands: 0..<100).text(isCluster: false)
        latencyEvents = try read("LATENCY_LATEST")
        clientList = try read("CLIENT_LIST")
        let lines = String(decoding: try read("CONFIG_GET_all"), as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst()
        // Of every two lines the first is the length of the other.
        let texts = lines.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        parameters = stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
    }

    /// What a node answers.
    func kind(of node: SimulatedNode) -> Kind {
        kinds[node.deployment.number % kinds.count]
    }

    /// The reply to LATENCY HISTOGRAM: of each command its name, then `calls`, a number, `histogram_usec` and pairs of
    /// a bound and a count.
    private static func histograms(
        _ reply: [UInt8],
        of commands: Set<String>
    ) -> [(command: String, text: MovingText)] {
        var lines = String(decoding: reply, as: UTF8.self).split(separator: "\r\n")[...].dropFirst()
        var kept: [(command: String, text: MovingText)] = []
        while lines.count > 9 {
            let name = String(lines.removeFirst(2).last ?? "")
            // The array of four, `calls` and its length.
            let calls = number(lines.removeFirst(4).last)
            // `histogram_usec` and its length.
            let length = Int(number(lines.removeFirst(3).last)) / 2
            let numbers = lines.removeFirst(2 * length)
            guard commands.contains(name) else { continue }
            var text = MovingText()
            text.append("$\(name.utf8.count)\r\n\(name)\r\n*4\r\n$5\r\ncalls\r\n:")
            text.append(.counter(calls, decimals: 0))
            text.append("\r\n$14\r\nhistogram_usec\r\n*\(numbers.count)\r\n")
            for position in stride(from: numbers.startIndex, to: numbers.endIndex, by: 2) {
                text.append("\(numbers[position])\r\n:")
                text.append(.counter(number(numbers[position + 1]), decimals: 0))
                text.append("\r\n")
            }
            kept.append((name, text))
        }
        return kept
    }

    private static func number(_ line: Substring?) -> Double {
        line.flatMap { Double($0.dropFirst()) } ?? 0
    }
}

extension ArraySlice {
    /// Takes the first ones out.
    fileprivate mutating func removeFirst(_ count: Int) -> ArraySlice {
        defer { removeFirst(Swift.min(count, self.count)) as Void }
        return prefix(count)
    }
}

/// Finds in a recorded INFO what moves.
struct InfoReader {
    /// The commands that the server has been sent.
    let commands: Set<String>
    private let lines: [Substring]

    private static let counters: Set<Substring> = [
        "total_connections_received", "total_commands_processed", "total_net_input_bytes", "total_net_output_bytes",
        "expired_keys", "keyspace_hits", "keyspace_misses", "total_reads_processed", "total_writes_processed",
        "used_cpu_sys", "used_cpu_user", "used_cpu_sys_main_thread", "used_cpu_user_main_thread",
    ]
    private static let drifting: Set<Substring> = [
        "used_memory", "used_memory_rss", "used_memory_overhead", "used_memory_dataset", "allocator_allocated",
        "allocator_active", "allocator_resident", "mem_clients_normal", "client_recent_max_input_buffer",
    ]
    private static let parts: [Substring: MovingText.Part] = [
        "uptime_in_seconds": .uptimeSeconds, "uptime_in_days": .uptimeDays,
        "server_time_usec": .wallClockMicroseconds, "rdb_last_save_time": .recently, "loading": .loading,
        "run_id": .runID, "tcp_port": .port,
    ]
    /// What was recorded on a server with trouble, as it is on one without.
    private static let wellValues: [Substring: String] = [
        "mem_fragmentation_ratio": "1.09", "used_memory_rss": "10628168", "allocator_rss_ratio": "1.05",
        "allocator_rss_bytes": "400000", "mem_fragmentation_bytes": "900000", "allocator_resident": "11975296",
        "used_memory_peak": "10931728", "used_memory_peak_perc": "88.99%", "evicted_keys": "0",
    ]

    /// - Parameter places: Which commands are kept, by how often they were called.
    init(text: String, commands places: Range<Int>) {
        lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { $0 }
        let calls = lines.compactMap { line -> (name: Substring, calls: Int)? in
            guard line.hasPrefix("cmdstat_"), let colon = line.firstIndex(of: ":") else { return nil }
            let number = line[colon...].dropFirst(":calls=".count).prefix { $0 != "," }
            return (line[..<colon].dropFirst("cmdstat_".count), Int(number) ?? 0)
        }
        let names = calls.sorted { $0.calls > $1.calls }.map { String($0.name) }
        commands = Set(names[places.clamped(to: names.indices)])
    }

    /// The text, with its own word of what kind of node says it.
    func text(isCluster: Bool) -> MovingText {
        var text = MovingText()
        var section: Substring = ""
        for line in lines {
            if line.hasPrefix("# ") { section = line.dropFirst(2) }
            if section == "Replication", !line.isEmpty {
                guard line.hasPrefix("# ") else { continue }
                text.append("\(line)\r\n")
                text.append(.replication)
                continue
            }
            if line.hasPrefix("master0:") {
                text.append(.watchedMaster)
                continue
            }
            guard let colon = line.firstIndex(of: ":") else {
                text.append("\(line)\r\n")
                continue
            }
            append(line[..<colon], line[colon...].dropFirst(), isCluster: isCluster, to: &text)
        }
        return text
    }

    private func append(_ name: Substring, _ recorded: Substring, isCluster: Bool, to text: inout MovingText) {
        let value = Self.wellValues[name] ?? String(recorded)
        if let command = Self.command(name), !commands.contains(String(command)) { return }
        text.append("\(name):")
        if let part = Self.parts[name] {
            text.append(part)
        } else if Self.counters.contains(name), let number = Double(value) {
            text.append(.counter(number, decimals: value.contains(".") ? 6 : 0))
        } else if Self.drifting.contains(name), let number = Double(value) {
            text.append(.drift(number))
        } else if name == "redis_mode" {
            text.append(isCluster ? "cluster" : value)
        } else if name == "cluster_enabled" {
            text.append(isCluster ? "1" : "0")
        } else if value.contains("=") {
            append(pairs: value, to: &text)
        } else {
            text.append(value)
        }
        text.append("\r\n")
    }

    /// The command that a line is about, if it is about one.
    private static func command(_ name: Substring) -> Substring? {
        for prefix in ["cmdstat_", "latency_percentiles_usec_"] where name.hasPrefix(prefix) {
            return name.dropFirst(prefix.count)
        }
        return nil
    }

    /// Such as `calls=3,usec=7`.
    private func append(pairs: String, to text: inout MovingText) {
        for (index, pair) in pairs.split(separator: ",").enumerated() {
            let sides = pair.split(separator: "=", maxSplits: 1)
            text.append("\(index == 0 ? "" : ",")\(sides[0])=")
            guard sides.count == 2, let number = Double(sides[1]) else { continue }
            switch sides[0] {
            case "calls", "usec": text.append(.counter(number, decimals: 0))
            case "keys": text.append(.drift(number))
            case let name where name.hasPrefix("p"): text.append(.step(number, decimals: 3))
            default: text.append(sides[1])
            }
        }
    }
}
