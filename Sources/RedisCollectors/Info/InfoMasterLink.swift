import Metrics

/// What a replica says about its link to the master; KeyDB may have several masters, `master_1_link_status` and so on.
enum InfoMasterLink: Int, MetricFamilies {
    case isUp, lastIO, syncInProgress, replicationOffset, slaveInfo

    /// Masters beyond this number are left out.
    static let limit = 16

    private static let labels = ["master_host", "master_port"]

    var row: MetricRow {
        switch self {
        case .isUp:
            MetricRow(
                "master_link_status", "redis_master_link_up", .gauge, labels: Self.labels,
                help: "Whether the replica's link to its master is up."
            )
        case .lastIO:
            MetricRow(
                "master_last_io_seconds_ago", "redis_master_last_io_seconds_ago", .gauge, .seconds,
                labels: Self.labels,
                help: "Seconds since the master last sent something, -1 while the link is down."
            )
        case .syncInProgress:
            MetricRow(
                "master_sync_in_progress", "redis_master_sync_in_progress", .gauge, labels: Self.labels,
                help: "Whether the replica receives a full synchronisation."
            )
        case .replicationOffset:
            MetricRow(
                "slave_repl_offset", "redis_slave_repl_offset", .gauge, labels: Self.labels,
                help: "Replication offset that this replica has processed."
            )
        case .slaveInfo:
            MetricRow(
                "", "redis_slave_info", .gauge, labels: ["master_host", "master_port", "read_only"],
                help: "One, with the master's address and whether the replica is read-only."
            )
        }
    }

    /// Where the fields of one master are.
    struct Fields {
        var host = 0..<0
        var port = 0..<0
        var status = 0..<0
        var lastIO = 0..<0
        var syncInProgress = 0..<0
    }

    /// Notes a field named `master_<n>_…`; `false` where the name is another.
    static func note(_ bytes: Span<UInt8>, _ line: InfoLine, in others: inout [Fields]) -> Bool {
        let start = line.name.lowerBound + "master_".utf8.count
        guard bytes.hasPrefix("master_", in: line.name),
            let underscore = bytes.firstOffset(of: UInt8(ascii: "_"), in: start..<line.name.upperBound),
            let number = bytes.integer(in: start..<underscore), number >= 1, number <= Self.limit
        else { return false }
        while others.count < number {
            others.append(Fields())
        }
        let field = underscore..<line.name.upperBound
        let place = Int(number) - 1
        if bytes.equals("_host", in: field) {
            others[place].host = line.value
        } else if bytes.equals("_port", in: field) {
            others[place].port = line.value
        } else if bytes.equals("_link_status", in: field) {
            others[place].status = line.value
        } else if bytes.equals("_last_io_seconds_ago", in: field) {
            others[place].lastIO = line.value
        } else if bytes.equals("_sync_in_progress", in: field) {
            others[place].syncInProgress = line.value
        } else {
            return false
        }
        return true
    }
}

extension FamilyTable<InfoMasterLink> {
    /// Adds the samples of one link.
    func add(
        _ bytes: Span<UInt8>,
        _ fields: InfoMasterLink.Fields,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(fields.host))
        buffer.addLabel(bytes.extracting(fields.port))
        if !fields.status.isEmpty {
            buffer.append(self[.isUp], labelsFrom: labels, bytes.equals("up", in: fields.status) ? 1 : 0)
        }
        add(.lastIO, bytes, fields.lastIO, labels, to: &buffer, &skips)
        add(.syncInProgress, bytes, fields.syncInProgress, labels, to: &buffer, &skips)
    }

    /// Adds what there is once for a replica, however many masters it has.
    func addReplica(_ bytes: Span<UInt8>, _ texts: InfoTexts, to buffer: inout SampleBuffer, _ skips: inout ParseSkips)
    {
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(texts[.masterHost]))
        buffer.addLabel(bytes.extracting(texts[.masterPort]))
        add(.replicationOffset, bytes, texts[.slaveReplicationOffset], labels, to: &buffer, &skips)
        buffer.addLabel(bytes.extracting(texts[.slaveReadOnly]))
        buffer.append(self[.slaveInfo], labelsFrom: labels, 1)
    }

    private func add(
        _ family: InfoMasterLink,
        _ bytes: Span<UInt8>,
        _ value: Range<Int>,
        _ labels: Int,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        guard !value.isEmpty else { return }
        if let number = bytes.decimal(in: value) {
            buffer.append(self[family], labelsFrom: labels, number)
        } else {
            skips.add(.notANumber)
        }
    }
}
