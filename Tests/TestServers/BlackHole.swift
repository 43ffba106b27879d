import Glibc

/// A port of 127.0.0.1 where nobody answers.
public final class BlackHole: Sendable {
    /// The port.
    public let port: Int
    private let descriptors: [Int32]

    /// Listens without ever accepting.
    ///
    /// - Parameter connects: Whether connections come about all the same, made by the system; else its queue of them
    ///   is filled, so that who connects gets no answer at all.
    public init(connects: Bool) throws(TestServerError) {
        let (listener, port) = try LoopbackSocket.listen(backlog: connects ? 64 : 0)
        self.port = port
        var fillers: [Int32] = []
        // The system takes one more than the backlog; one that it does not take stays pending.
        while !connects, fillers.count < 4 {
            let (descriptor, isConnected) = LoopbackSocket.connecting(to: port)
            fillers.append(descriptor)
            if !isConnected { break }
        }
        descriptors = fillers + [listener]
    }

    deinit {
        descriptors.forEach { close($0) }
    }
}
