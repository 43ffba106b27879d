import NIOCore

/// One connection of a client to a node, or, without one, to the control port.
final class NodeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let simulation: Simulation
    private let node: SimulatedNode?
    private var reader = RequestReader()
    /// What the last answer took.
    private var usualLength = 256
    private var wasAnswered = false

    init(of node: SimulatedNode?, in simulation: Simulation) {
        self.node = node
        self.simulation = simulation
    }

    func channelActive(context: ChannelHandlerContext) {
        if let node { simulation.add(context.channel, to: node) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        simulation.remove(context.channel, wasAnswered: wasAnswered)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The client is gone.
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if let node, node.failure == .hang { return }
        reader.feed(&bytes)
        var answer = context.channel.allocator.buffer(capacity: usualLength)
        do {
            while let words = try reader.next() {
                simulation.statistics.command()
                self.answer(words, to: &answer)
            }
        } catch {
            answer.writeString("-ERR Protocol error: \(error)\r\n")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
            context.close(promise: nil)
            return
        }
        guard answer.readableBytes > 0 else { return }
        usualLength = answer.readableBytes
        send(answer, context: context)
    }

    private func answer(_ words: [String], to answer: inout ByteBuffer) {
        let name = words[0].uppercased()
        guard let node, name != "SIM" else {
            let command = Control(simulation: simulation, node: node)
            return command.run(name == "SIM" ? Array(words.dropFirst()) : words, to: &answer)
        }
        if name == "INFO", words.count > 1, words[1].uppercased() != "REPLICATION" { simulation.notePoll(of: node) }
        switch node.failure {
        case .error: answer.writeString("-ERR simulated failure\r\n")
        case .garbage: answer.writeString("HTTP/1.1 400 Bad Request\r\n\r\n\u{1}\u{2}$99999999999999\r\n")
        case .loading where name != "INFO": answer.writeString("-LOADING Redis is loading the dataset in memory\r\n")
        default: node.answer(name, words, simulation.replies, at: simulation.now, to: &answer)
        }
    }

    private func send(_ answer: ByteBuffer, context: ChannelHandlerContext) {
        if !wasAnswered, node != nil {
            wasAnswered = true
            simulation.statistics.answerFirst()
        }
        if node?.failure == .close {
            context.writeAndFlush(wrapOutboundOut(answer.getSlice(at: 0, length: answer.readableBytes / 2) ?? answer))
                .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            return
        }
        guard let delay = node?.delay, delay > .zero else {
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        }
    }
}
