import NIOCore

extension SimulatedNode {
    /// Answers one command.
    func answer(
        _ name: String,
        _ words: [String],
        _ replies: RecordedReplies,
        at moment: Moment,
        to answer: inout ByteBuffer
    ) {
        if isSentinel { return answerAsSentinel(name, words, replies, at: moment, to: &answer) }
        let topic = words.count > 1 ? words[1].uppercased() : ""
        switch (name, topic) {
        case ("INFO", "REPLICATION"):
            writeBulk(to: &answer) { text in
                text.writeString("# Replication\r\n")
                writeReplication(at: moment, to: &text)
            }
        case ("INFO", _):
            let kind = replies.kind(of: self)
            let info = deployment.isCluster ? kind.clusterInfo : kind.info
            writeBulk(to: &answer) { info.write(of: self, at: moment, to: &$0) }
        case ("LATENCY", "HISTOGRAM"):
            let names = Set(words.dropFirst(2))
            let wanted = replies.kind(of: self).histograms.filter { names.isEmpty || names.contains($0.command) }
            answer.writeString("*\(wanted.count * 2)\r\n")
            for histogram in wanted { histogram.text.write(of: self, at: moment, to: &answer) }
        case ("LATENCY", _): answer.writeBytes(replies.latencyEvents)
        case ("SLOWLOG", "LEN"): answer.writeString(":\(min(128, slowCommands(at: moment)))\r\n")
        case ("SLOWLOG", _): writeSlowLog(limit: words.last.flatMap { Int($0) } ?? 10, at: moment, to: &answer)
        case ("CONFIG", _): writeParameters(Set(words.dropFirst(2)), of: replies, to: &answer)
        case ("CLIENT", "LIST"): answer.writeBytes(replies.clientList)
        case ("CLUSTER", _): writeCluster(topic, at: moment, to: &answer)
        case ("PING", _): answer.writeString("+PONG\r\n")
        case ("AUTH", _), ("CLIENT", _), ("SELECT", _), ("READONLY", _): answer.writeString("+OK\r\n")
        default: answer.writeString("-ERR unknown command '\(name)', with args beginning with: \r\n")
        }
    }

    /// Writes a bulk string whose length is not known before.
    func writeBulk(to answer: inout ByteBuffer, _ write: (inout ByteBuffer) -> Void) {
        var text = ByteBufferAllocator().buffer(capacity: 16384)
        write(&text)
        answer.writeString("$\(text.readableBytes)\r\n")
        answer.writeBuffer(&text)
        answer.writeString("\r\n")
    }

    // MARK: The slow log

    /// One command in ten minutes is slow.
    private func slowCommands(at moment: Moment) -> Int {
        activity == 0 ? 0 : Int(moment.seconds / 600)
    }

    private func writeSlowLog(limit: Int, at moment: Moment, to answer: inout ByteBuffer) {
        let last = slowCommands(at: moment)
        let count = max(0, min(limit, last, 128))
        answer.writeString("*\(count)\r\n")
        for entry in 0..<count {
            let seconds = moment.wallClockMicroseconds / 1_000_000 - Int64(entry)
            answer.writeString("*6\r\n:\(last - entry - 1)\r\n:\(seconds)\r\n:12345\r\n")
            answer.writeBulks(["HGETALL", "cart:\(last - entry)"])
            answer.writeBulk("10.0.0.7:40001")
            answer.writeBulk("worker-\(position)")
        }
    }

    // MARK: The configuration

    private func writeParameters(_ names: Set<String>, of replies: RecordedReplies, to answer: inout ByteBuffer) {
        let found = replies.parameters.filter { names.contains("*") || names.contains($0.name) }
        answer.writeBulks(found.flatMap { [$0.name, $0.value] })
    }

    // MARK: The cluster

    private func writeCluster(_ topic: String, at moment: Moment, to answer: inout ByteBuffer) {
        guard deployment.isCluster else {
            answer.writeString("-ERR This instance has cluster support disabled\r\n")
            return
        }
        switch topic {
        case "INFO": answer.writeBulk(deployment.clusterInfo)
        case "NODES": answer.writeBulk(deployment.clusterNodes(at: self))
        case "SHARDS": answer.writeString(deployment.clusterShards(at: moment))
        case "MYID": answer.writeBulk(id)
        default: answer.writeString("-ERR unknown subcommand '\(topic)'. Try CLUSTER HELP.\r\n")
        }
    }
}
