import NIOCore

/// What whoever drives the simulation may ask: at the control port, or at a node, behind the word SIM.
///
///     redis-cli -p 7000 FAIL 127.1.0.7 hang        it fails: refuse, hang, close, loading, error, garbage
///     redis-cli -p 7000 DELAY all 50               every reply takes 50 milliseconds
///     redis-cli -p 7000 HEAL all                   no failure, no delay
///     redis-cli -p 7000 DROP 127.1.0.7             its connections are closed, once
///     redis-cli -p 7000 PROMOTE 127.1.0.7          a replica becomes the master of its shard
///     redis-cli -p 7000 STATS                      what clients have done since RESET
///     redis-cli -h 127.1.0.7 -p 7000 SIM FAIL hang the same of the node that is asked
struct Control {
    let simulation: Simulation
    /// The node that is meant where none is named.
    let node: SimulatedNode?

    func run(_ words: [String], to answer: inout ByteBuffer) {
        let name = words.first?.uppercased() ?? ""
        switch name {
        case "STATS":
            answer.writeBulk(
                simulation.statistics.text(of: simulation.nodes, connections: simulation.connectionCount))
        case "RESET":
            simulation.resetStatistics()
            answer.writeString("+OK\r\n")
        case "PING": answer.writeString("+PONG\r\n")
        case "FAIL", "DELAY", "HEAL", "DROP", "PROMOTE": change(name, Array(words.dropFirst()), to: &answer)
        default: answer.writeString("-ERR expected FAIL, DELAY, HEAL, DROP, PROMOTE, STATS, RESET or PING\r\n")
        }
    }

    private func change(_ name: String, _ words: [String], to answer: inout ByteBuffer) {
        var words = words
        let takesValue = name == "FAIL" || name == "DELAY"
        let value = takesValue ? words.popLast() ?? "" : ""
        guard let nodes = nodes(words.first), !nodes.isEmpty else {
            answer.writeString("-ERR expected the address of a node, or all\r\n")
            return
        }
        let milliseconds = Int64(value)
        let failure = SimulatedNode.Failure(rawValue: value.lowercased())
        if name == "DELAY", milliseconds.map({ (0...60_000).contains($0) }) != true {
            answer.writeString("-ERR expected 0 to 60000 milliseconds\r\n")
            return
        }
        if name == "FAIL", failure == nil {
            let known = SimulatedNode.Failure.allCases.map(\.rawValue).joined(separator: ", ")
            answer.writeString("-ERR expected one of \(known)\r\n")
            return
        }
        for node in nodes {
            switch name {
            case "FAIL": simulation.fail(node, failure)
            case "DELAY": node.delay = .milliseconds(milliseconds ?? 0)
            case "DROP": simulation.drop(node)
            case "PROMOTE": node.deployment.promote(node)
            default:
                simulation.fail(node, nil)
                node.delay = .zero
            }
        }
        answer.writeString(":\(nodes.count)\r\n")
    }

    private func nodes(_ name: String?) -> [SimulatedNode]? {
        guard let name else { return node.map { [$0] } }
        return name.lowercased() == "all" ? simulation.nodes : simulation.nodes.filter { $0.address == name }
    }
}
