import NIOCore

extension SimulatedNode {
    /// Answers one command as a Sentinel does.
    func answerAsSentinel(
        _ name: String,
        _ words: [String],
        _ replies: RecordedReplies,
        at moment: Moment,
        to answer: inout ByteBuffer
    ) {
        let topic = words.count > 1 ? words[1].uppercased() : ""
        switch (name, topic) {
        case ("INFO", _): writeBulk(to: &answer) { replies.sentinelInfo.write(of: self, at: moment, to: &$0) }
        case ("SENTINEL", "MASTERS"): writeAll([master], to: &answer)
        case ("SENTINEL", "MYID"): answer.writeBulk(id)
        case ("SENTINEL", _) where words.count < 3 || words[2] != deployment.name:
            answer.writeString("-ERR No such master with that name\r\n")
        case ("SENTINEL", "MASTER"): answer.writeBulks(master)
        case ("SENTINEL", "REPLICAS"), ("SENTINEL", "SLAVES"): writeAll(replicas(at: moment), to: &answer)
        case ("SENTINEL", "SENTINELS"): writeAll(others, to: &answer)
        case ("SENTINEL", "CKQUORUM"):
            let count = deployment.sentinels.count
            answer.writeString("+OK \(count) usable Sentinels. Quorum and failover authorization can be reached\r\n")
        case ("SENTINEL", "GET-MASTER-ADDR-BY-NAME"):
            answer.writeBulks([deployment.currentMaster.address, deployment.currentMaster.port])
        case ("PSUBSCRIBE", _), ("SUBSCRIBE", _):
            for (index, pattern) in words.dropFirst().enumerated() {
                answer.writeString("*3\r\n")
                answer.writeBulk(name.lowercased())
                answer.writeBulk(pattern)
                answer.writeString(":\(index + 1)\r\n")
            }
        case ("PING", _): answer.writeString("+PONG\r\n")
        case ("AUTH", _), ("CLIENT", _): answer.writeString("+OK\r\n")
        default: answer.writeString("-ERR unknown command '\(name)', with args beginning with: \r\n")
        }
    }

    /// The last lines of INFO.
    func writeWatchedMaster(to buffer: inout ByteBuffer) {
        let master = deployment.currentMaster
        buffer.writeString(
            "master0:name=\(deployment.name),status=ok,address=\(master.address):\(master.port),"
                + "slaves=\(deployment.nodes.count - 1),sentinels=\(deployment.sentinels.count)\r\n"
        )
    }

    private func writeAll(_ entries: [[String]], to answer: inout ByteBuffer) {
        answer.writeString("*\(entries.count)\r\n")
        for entry in entries { answer.writeBulks(entry) }
    }

    /// Names and values, as all three kinds of entries begin.
    private func entry(_ name: String, _ node: SimulatedNode, _ flags: String) -> [String] {
        [
            "name", name, "ip", node.address, "port", node.port, "runid", node.id, "flags", flags,
            "link-pending-commands", "0", "link-refcount", "1", "last-ping-sent", "0", "last-ok-ping-reply", "500",
            "last-ping-reply", "500", "down-after-milliseconds", "5000",
        ]
    }

    private var master: [String] {
        entry(deployment.name, deployment.currentMaster, "master") + [
            "info-refresh", "1000", "role-reported", "master", "role-reported-time", "100000", "config-epoch", "0",
            "num-slaves", "\(deployment.nodes.count - 1)", "num-other-sentinels", "\(deployment.sentinels.count - 1)",
            "quorum", "\(deployment.sentinels.count / 2 + 1)", "failover-timeout", "60000", "parallel-syncs", "1",
        ]
    }

    private func replicas(at moment: Moment) -> [[String]] {
        let master = deployment.currentMaster
        return deployment.replicas(of: master.position).map { replica in
            entry("\(replica.address):\(replica.port)", replica, "slave") + [
                "info-refresh", "1000", "role-reported", "slave", "role-reported-time", "100000",
                "master-link-down-time", "0", "master-link-status", "ok", "master-host", master.address,
                "master-port", master.port, "slave-priority", "100",
                "slave-repl-offset", "\(deployment.offset(at: moment))", "replica-announced", "1",
            ]
        }
    }

    private var others: [[String]] {
        deployment.sentinels.filter { $0 !== self }.map { other in
            entry(other.id, other, "sentinel") + [
                "last-hello-message", "500", "voted-leader", "?", "voted-leader-epoch", "0",
            ]
        }
    }
}
