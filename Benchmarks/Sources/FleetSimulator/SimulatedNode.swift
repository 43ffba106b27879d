import NIOCore

/// One server that does not exist.
final class SimulatedNode {
    /// What goes wrong with it.
    enum Failure: String, CaseIterable {
        /// Nobody listens, and all connections are gone.
        case refuse
        /// It takes everything and answers nothing.
        case hang
        /// It closes the connection in the middle of a reply.
        case close
        /// It loads its data.
        case loading
        /// It answers everything with an error.
        case error
        /// It answers with what is no reply.
        case garbage
    }

    let address: String
    let port: String
    let id: String
    let deployment: Deployment
    /// Its place among the deployment's nodes, or among its Sentinels.
    let position: Int
    let isSentinel: Bool
    /// How much its counters grow in an hour, as a multiple of what was recorded.
    let activity: Double
    var failure: Failure?
    /// How long each reply takes.
    var delay: TimeAmount = .zero
    /// Since the figures were last taken back.
    var polls = 0

    private let number: Int

    init(
        number: Int,
        address: String,
        port: Int,
        in deployment: Deployment,
        at position: Int,
        isSentinel: Bool
    ) {
        self.isSentinel = isSentinel
        self.number = number
        self.address = address
        self.port = String(port)
        self.deployment = deployment
        self.position = position
        id = Self.hexadecimal(number, 1)
        // Some nodes have nothing to do, most a little, some a lot.
        activity = [0, 5, 20, 100][number % 4]
    }

    /// Forty digits, another number for each node and purpose.
    static func hexadecimal(_ number: Int, _ purpose: Int) -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<40).map { digits[Int(mix(number, purpose &* 64 &+ $0) % 16)] })
    }

    /// From 0 to 1, the same for the same tick.
    func noise(_ tick: Int) -> Double {
        Double(Self.mix(number, tick) % 1024) / 1024
    }

    private static func mix(_ first: Int, _ second: Int) -> UInt64 {
        var value = UInt64(truncatingIfNeeded: first) &* 0x9E37_79B9_7F4A_7C15
        value ^= UInt64(truncatingIfNeeded: second) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 30)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    func uptime(at moment: Moment) -> Double {
        90_000 + Double(number) + moment.seconds.rounded(.down)
    }

    /// The section of INFO.
    func writeReplication(at moment: Moment, to buffer: inout ByteBuffer) {
        let offset = deployment.offset(at: moment)
        if let master = deployment.master(of: position) {
            buffer.writeString(
                """
                role:slave\r\nmaster_host:\(master.address)\r\nmaster_port:\(master.port)\r\nmaster_link_status:up\r
                master_last_io_seconds_ago:0\r\nmaster_sync_in_progress:0\r\nslave_read_repl_offset:\(offset)\r
                slave_repl_offset:\(offset)\r\nslave_priority:100\r\nslave_read_only:1\r\nreplica_announced:1\r
                connected_slaves:0\r\n
                """
            )
        } else {
            let replicas = deployment.replicas(of: position)
            buffer.writeString("role:master\r\nconnected_slaves:\(replicas.count)\r\n")
            for (index, replica) in replicas.enumerated() {
                buffer.writeString(
                    "slave\(index):ip=\(replica.address),port=\(replica.port),state=online,offset=\(offset),lag=0\r\n"
                )
            }
        }
        let isAlone = deployment.nodes.count == 1
        buffer.writeString(
            """
            master_failover_state:no-failover\r\nmaster_replid:\(deployment.replicationID(of: position))\r
            master_replid2:0000000000000000000000000000000000000000\r\nmaster_repl_offset:\(isAlone ? 0 : offset)\r
            second_repl_offset:-1\r\nrepl_backlog_active:\(isAlone ? 0 : 1)\r\nrepl_backlog_size:1048576\r
            repl_backlog_first_byte_offset:\(isAlone ? 0 : 1)\r\nrepl_backlog_histlen:\(isAlone ? 0 : offset)\r\n
            """
        )
    }
}
