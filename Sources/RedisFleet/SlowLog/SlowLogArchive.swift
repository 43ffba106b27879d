public import RedisCollectors
import Synchronization

/// What the logs of slow and large commands of all nodes said lately: a bounded number of entries of each node.
public final class SlowLogArchive: Sendable {
    /// An entry and the node that it came from.
    public struct Record: Sendable {
        /// Whose log the entry was in.
        public let node: Node
        /// The entry.
        public let entry: SlowLogEntry
    }

    /// Which entries are asked for.
    public struct Filter: Sendable {
        /// Only of these nodes, by their `instance`; empty for all.
        public var instances: Set<String> = []
        /// Only these commands, as labels name them; empty for all.
        public var commands: Set<String> = []
        /// Only of these logs; empty for all.
        public var logs: Set<SlowLogKind> = []
        /// Only entries since then, in seconds since 1970.
        public var sinceSeconds = Int64.min
        /// The most entries to give: the newest.
        public var limit = 100

        /// The newest entries of all nodes.
        public init() {}

        func matches(_ entry: SlowLogEntry) -> Bool {
            entry.timestampSeconds >= sinceSeconds
                && (commands.isEmpty || commands.contains(entry.command))
                && (logs.isEmpty || logs.contains(entry.log))
        }
    }

    private let rings = Mutex<[Node: SlowLogRing]>([:])

    /// Keeps nothing yet.
    public init() {}

    /// Keeps what a poll found.
    func note(_ findings: SlowLogFindings, of node: Node) {
        guard !findings.isEmpty else { return }
        rings.withLock { rings in
            for entry in findings.earlier.reversed() + findings.new.reversed() {
                rings[node, default: SlowLogRing()].append(entry)
            }
        }
    }

    /// Forgets a node that is not watched any more.
    func forget(_ node: Node) {
        rings.withLock { $0[node] = nil }
    }

    /// The entries that match, newest first.
    public func records(_ filter: Filter) -> [Record] {
        // A copy, so that no poll waits while they are read.
        let rings = rings.withLock { $0 }
        let found = rings.flatMap { node, ring -> [Record] in
            guard filter.instances.isEmpty || filter.instances.contains(node.instance) else { return [] }
            return ring.entries(limit: filter.limit, where: filter.matches).map { Record(node: node, entry: $0) }
        }
        return Array(found.sorted { Self.isNewer($0, than: $1) }.prefix(filter.limit))
    }

    private static func isNewer(_ left: Record, than right: Record) -> Bool {
        let (one, other) = (left.entry, right.entry)
        if one.timestampSeconds != other.timestampSeconds { return one.timestampSeconds > other.timestampSeconds }
        if left.node.instance != right.node.instance { return left.node.instance < right.node.instance }
        return one.log == other.log ? one.id > other.id : one.log.rawValue < other.log.rawValue
    }
}
