import Metrics
import RedisClient

/// Families of streams, under the names that redis_exporter gave them.
enum StreamFamilies: Int, MetricFamilies {
    case length, radixTreeKeys, radixTreeNodes, lastGeneratedID, maxDeletedID, entriesAdded, groups, firstID, lastID
    case consumers, pending, lastDeliveredID, entriesRead, lag
    case consumerPending, consumerIdle

    /// Of each stream.
    static let stream: [StreamFamilies] = [
        .length, .radixTreeKeys, .radixTreeNodes, .lastGeneratedID, .maxDeletedID, .entriesAdded, .groups, .firstID,
        .lastID,
    ]
    /// Of each group.
    static let group: [StreamFamilies] = [.consumers, .pending, .lastDeliveredID, .entriesRead, .lag]
    /// Of each consumer.
    static let consumer: [StreamFamilies] = [.consumerPending, .consumerIdle]

    private static let streamLabels = ["db", "stream"]
    private static let groupLabels = ["db", "stream", "group"]
    private static let consumerLabels = ["db", "stream", "group", "consumer"]

    var row: MetricRow {
        switch self {
        case .length: stream("length", "length", "Entries of the stream.")
        case .radixTreeKeys: stream("radix-tree-keys", "radix_tree_keys", "Keys in the stream's radix tree.")
        case .radixTreeNodes: stream("radix-tree-nodes", "radix_tree_nodes", "Nodes of the stream's radix tree.")
        case .lastGeneratedID:
            stream("last-generated-id", "last_generated_id", "Newest identifier given out, without its number.")
        case .maxDeletedID:
            stream(
                "max-deleted-entry-id", "max_deleted_entry_id",
                "Greatest identifier of a deleted entry, without its sequence number.", since: "Redis 7.0"
            )
        case .entriesAdded:
            MetricRow(
                "entries-added", "redis_stream_entries_added_total", .counter, labels: Self.streamLabels,
                since: "Redis 7.0", help: "Entries added to the stream so far."
            )
        case .groups: stream("groups", "groups", "Consumer groups of the stream.")
        case .firstID:
            stream("first-entry", "first_entry_id", "Identifier of the first entry, without its sequence number.")
        case .lastID:
            stream("last-entry", "last_entry_id", "Identifier of the last entry, without its sequence number.")
        case .consumers: group("consumers", "consumers", "Consumers of the group.")
        case .pending: group("pending", "messages_pending", "Entries delivered to the group and not acknowledged.")
        case .lastDeliveredID:
            group(
                "last-delivered-id", "last_delivered_id",
                "Newest identifier delivered to the group, without its sequence number."
            )
        case .entriesRead:
            group("entries-read", "entries_read", "Entries the group has read so far.", since: "Redis 7.0")
        case .lag:
            group("lag", "lag", "Entries not delivered to the group yet, where that is known.", since: "Redis 7.0")
        case .consumerPending:
            MetricRow(
                "pending", "redis_stream_group_consumer_messages_pending", .gauge, labels: Self.consumerLabels,
                help: "Entries delivered to the consumer and not acknowledged."
            )
        case .consumerIdle:
            MetricRow(
                "idle", "redis_stream_group_consumer_idle_seconds", .gauge, .seconds, from: .milliseconds,
                labels: Self.consumerLabels, help: "Time since the consumer last tried to do something."
            )
        }
    }

    private func stream(_ field: String, _ name: String, _ help: String, since: String = "") -> MetricRow {
        MetricRow(field, "redis_stream_" + name, .gauge, labels: Self.streamLabels, since: since, help: help)
    }

    private func group(_ field: String, _ name: String, _ help: String, since: String = "") -> MetricRow {
        MetricRow(field, "redis_stream_group_" + name, .gauge, labels: Self.groupLabels, since: since, help: help)
    }

    /// The number that a value stands for, `nil` if it is none.
    func number(_ reply: Reply) -> Double? {
        switch self {
        case .lastGeneratedID, .maxDeletedID, .lastDeliveredID:
            return Self.milliseconds(ofID: reply)
        case .firstID, .lastID:
            var entry = reply.elements
            return entry.next().flatMap(Self.milliseconds)
        default:
            return reply.number
        }
    }

    /// The time of an identifier such as `1700000000000-7`.
    private static func milliseconds(ofID reply: Reply) -> Double? {
        guard reply.kind == .string else { return nil }
        return reply.withBytes { bytes in
            let end = bytes.firstOffset(of: UInt8(ascii: "-"), in: bytes.wholeRange) ?? bytes.count
            return bytes.decimal(in: 0..<end)
        }
    }
}
