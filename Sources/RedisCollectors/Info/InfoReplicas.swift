import Metrics

/// The replicas of a master: `slave0:ip=127.0.0.1,port=6380,state=online,offset=86930,lag=0`.
enum InfoReplicas: Int, MetricFamilies {
    case offset, lagSeconds, lagBytes

    /// Replicas beyond this number are left out.
    static let limit = 1024

    private static let labels = ["slave_ip", "slave_port", "slave_state"]

    var row: MetricRow {
        switch self {
        case .offset:
            MetricRow(
                "offset", "redis_connected_slave_offset_bytes", .gauge, .bytes, labels: Self.labels,
                help: "Replication offset that the replica has acknowledged."
            )
        case .lagSeconds:
            MetricRow(
                "lag", "redis_connected_slave_lag_seconds", .gauge, .seconds, labels: Self.labels,
                help: "Whole seconds since the replica's last acknowledgement."
            )
        case .lagBytes:
            MetricRow(
                "", "redis_connected_slave_lag_bytes", .gauge, .bytes, labels: Self.labels,
                help: "Bytes of replication that the replica has not acknowledged yet."
            )
        }
    }
}

extension ServerFacts.Replica {
    /// Reads what follows the colon; `false` where it is not such a line.
    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        lagSeconds = nil
        var pairs = PairWalker(range)
        var found = 0
        while let pair = pairs.next(in: bytes) {
            if bytes.equals("ip", in: pair.name) {
                ip.assign(bytes, pair.value)
                found += 1
            } else if bytes.equals("state", in: pair.name) {
                state.assign(bytes, pair.value)
                found += 1
            } else if bytes.equals("port", in: pair.name), let number = bytes.integer(in: pair.value) {
                port = Int(number)
                found += 1
            } else if bytes.equals("offset", in: pair.name), let number = bytes.integer(in: pair.value) {
                offset = number
                found += 1
            } else if bytes.equals("lag", in: pair.name) {
                lagSeconds = bytes.integer(in: pair.value)
            }
        }
        return found >= 4
    }
}

extension FamilyTable<InfoReplicas> {
    /// Adds the samples of all replicas of a master whose own offset is `masterOffset`.
    func add(_ replicas: [ServerFacts.Replica], masterOffset: Int64?, to buffer: inout SampleBuffer) {
        for replica in replicas {
            let labels = buffer.labelStart
            buffer.addLabel(replica.ip)
            buffer.addLabel("\(replica.port)")
            buffer.addLabel(replica.state)
            buffer.append(self[.offset], labelsFrom: labels, Double(replica.offset))
            if let lag = replica.lagSeconds {
                buffer.append(self[.lagSeconds], labelsFrom: labels, Double(lag))
            }
            if let masterOffset {
                // The replica may acknowledge more while INFO is being written: that is no lag.
                let lag = max(0, Double(masterOffset) - Double(replica.offset))
                buffer.append(self[.lagBytes], labelsFrom: labels, lag)
            }
        }
    }
}
