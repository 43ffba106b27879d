import Glibc
import NIOCore
import NIOPosix

/// All nodes, on one event loop: whatever is in here is touched there only.
final class Simulation {
    let nodes: [SimulatedNode]
    let replies: RecordedReplies
    var statistics = Statistics()

    private let eventLoop: any EventLoop
    private let speed: Double
    private let start = NIODeadline.now()
    private var listeners: [String: any Channel] = [:]
    private var connections: [ObjectIdentifier: (channel: any Channel, node: SimulatedNode)] = [:]
    private var current: Moment?

    /// - Parameter speed: How much faster than the clock the servers' counters run.
    init(parts: [FleetPart], first: FirstAddress, replies: RecordedReplies, speed: Double, on eventLoop: any EventLoop)
    {
        var nodes: [SimulatedNode] = []
        var number = 0
        for part in parts {
            for _ in 0..<part.deployments {
                let deployment = Deployment(
                    number: number, shards: part.shards, replicas: part.replicas, isCluster: part.isCluster)
                number += 1
                let size = part.shards * (part.replicas + 1)
                for position in 0..<(size + part.sentinels) {
                    let node = SimulatedNode(
                        number: nodes.count,
                        address: first.address(nodes.count),
                        port: first.port,
                        in: deployment,
                        at: position % size,
                        isSentinel: position >= size
                    )
                    deployment.add(node)
                    nodes.append(node)
                }
            }
        }
        self.nodes = nodes
        self.replies = replies
        self.speed = speed
        self.eventLoop = eventLoop
    }

    /// The time, the same for all that is done in one hundredth of a second.
    var now: Moment {
        if let current { return current }
        let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9 * speed
        let moment = Moment(seconds: seconds, wallClockMicroseconds: Self.wallClockMicroseconds)
        current = moment
        let simulation = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .milliseconds(10)) { simulation.value.current = nil }
        return moment
    }

    private static var wallClockMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    var connectionCount: Int {
        connections.count
    }

    /// Listens for the commands of whoever drives the simulation.
    func listenForControl(host: String, port: Int) -> EventLoopFuture<any Channel> {
        bootstrap(for: nil).bind(host: host, port: port)
    }

    /// Listens at all nodes' addresses.
    func listen() -> EventLoopFuture<Void> {
        EventLoopFuture.andAllSucceed(nodes.map(listen), on: eventLoop)
    }

    private func listen(_ node: SimulatedNode) -> EventLoopFuture<Void> {
        let simulation = NIOLoopBound((self, node), eventLoop: eventLoop)
        return bootstrap(for: node).bind(host: node.address, port: Int(node.port) ?? 0).map { channel in
            let (simulation, node) = simulation.value
            simulation.listeners[node.address] = channel
            // Somebody may have wanted it to refuse before it listened.
            if node.failure == .refuse { simulation.refuse(node) }
        }
    }

    private func bootstrap(for node: SimulatedNode?) -> ServerBootstrap {
        let simulation = NIOLoopBound((self, node), eventLoop: eventLoop)
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (simulation, node) = simulation.value
                    try channel.pipeline.syncOperations.addHandler(NodeHandler(of: node, in: simulation))
                }
            }
    }

    func add(_ channel: any Channel, to node: SimulatedNode) {
        statistics.accept()
        connections[ObjectIdentifier(channel)] = (channel, node)
    }

    func remove(_ channel: any Channel, wasAnswered: Bool) {
        guard connections.removeValue(forKey: ObjectIdentifier(channel)) != nil else { return }
        statistics.close(wasAnswered: wasAnswered)
    }

    func notePoll(of node: SimulatedNode) {
        node.polls += 1
        statistics.poll(isFirst: node.polls == 1, of: nodes.count)
    }

    // MARK: What goes wrong on demand

    /// Has a node fail from now on, or work again.
    func fail(_ node: SimulatedNode, _ failure: SimulatedNode.Failure?) {
        let before = node.failure
        node.failure = failure
        if failure == .refuse {
            refuse(node)
        } else if before == .refuse {
            _ = listen(node)
        }
    }

    private func refuse(_ node: SimulatedNode) {
        listeners.removeValue(forKey: node.address)?.close(promise: nil)
        drop(node)
    }

    /// Closes all connections of a node.
    func drop(_ node: SimulatedNode) {
        for connection in connections.values where connection.node === node { connection.channel.close(promise: nil) }
    }

    /// Counts from nothing again.
    func resetStatistics() {
        statistics = Statistics()
        for node in nodes { node.polls = 0 }
    }
}
