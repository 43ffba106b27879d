import Metrics

/// The section Sentinel of INFO: numbers, and one line per master,
/// `master0:name=m,status=ok,address=127.0.0.1:6379,slaves=2,sentinels=3`.
enum InfoSentinelSection: Int, MetricFamilies {
    case status, replicas, sentinels

    /// Masters beyond this number are left out.
    static let limit = 1024

    static let fieldRows: [MetricRow] = [
        MetricRow("sentinel_masters", "redis_sentinel_masters", .gauge, help: "Masters that this Sentinel watches."),
        MetricRow(
            "sentinel_tilt", "redis_sentinel_tilt", .gauge,
            help: "Whether this Sentinel does not trust its clock and only watches."
        ),
        MetricRow(
            "sentinel_running_scripts", "redis_sentinel_running_scripts", .gauge,
            help: "Scripts that this Sentinel is running."
        ),
        MetricRow(
            "sentinel_scripts_queue_length", "redis_sentinel_scripts_queue_length", .gauge,
            help: "Scripts that wait to be run by this Sentinel."
        ),
        MetricRow(
            "sentinel_simulate_failure_flags", "redis_sentinel_simulate_failure_flags", .gauge,
            help: "Failures that this Sentinel was told to simulate."
        ),
        MetricRow(
            "sentinel_tilt_since_seconds", "redis_sentinel_tilt_since_seconds", .gauge, .seconds, since: "Redis 7.0",
            help: "Seconds since this Sentinel lost its trust in the clock, -1 if it has not."
        ),
    ]

    var row: MetricRow {
        switch self {
        case .status:
            MetricRow(
                "status", "redis_sentinel_master_status", .gauge,
                labels: ["master_name", "master_address", "master_status"],
                help: "Whether this Sentinel finds the master well; the label has the status."
            )
        case .replicas:
            MetricRow(
                "slaves", "redis_sentinel_master_slaves", .gauge, labels: ["master_name", "master_address"],
                help: "Replicas of the master that this Sentinel knows."
            )
        case .sentinels:
            MetricRow(
                "sentinels", "redis_sentinel_master_sentinels", .gauge, labels: ["master_name", "master_address"],
                help: "Sentinels that watch the master, this one included."
            )
        }
    }
}

extension ServerFacts.SentinelMaster {
    /// Reads what follows the colon; `false` where it is not such a line.
    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var pairs = PairWalker(range)
        var found = 0
        while let pair = pairs.next(in: bytes) {
            if bytes.equals("name", in: pair.name) {
                name.assign(bytes, pair.value)
                found += 1
            } else if bytes.equals("status", in: pair.name) {
                status.assign(bytes, pair.value)
                found += 1
            } else if bytes.equals("address", in: pair.name) {
                address.assign(bytes, pair.value)
                found += 1
            } else if bytes.equals("slaves", in: pair.name), let number = bytes.integer(in: pair.value) {
                replicas = Int(number)
                found += 1
            } else if bytes.equals("sentinels", in: pair.name), let number = bytes.integer(in: pair.value) {
                sentinels = Int(number)
                found += 1
            }
        }
        return found >= 5
    }
}

extension FamilyTable<InfoSentinelSection> {
    /// Adds the samples of the masters.
    func add(_ masters: [ServerFacts.SentinelMaster], to buffer: inout SampleBuffer) {
        for master in masters {
            var labels = buffer.labelStart
            buffer.addLabel(master.name)
            buffer.addLabel(master.address)
            buffer.append(self[.replicas], labelsFrom: labels, Double(master.replicas))
            buffer.append(self[.sentinels], labelsFrom: labels, Double(master.sentinels))
            labels = buffer.labelStart
            buffer.addLabel(master.name)
            buffer.addLabel(master.address)
            buffer.addLabel(master.status)
            buffer.append(self[.status], labelsFrom: labels, master.status == "ok" ? 1 : 0)
        }
    }
}
