import Glibc

/// Connections to a server that are opened, may say something once, and never read; closed with the last reference.
public final class IdleConnections: Sendable {
    private let descriptors: [Int32]

    /// How many were accepted.
    public var count: Int { descriptors.count }

    /// Opens as many as the server accepts, at most `count`.
    public init(_ count: Int, to port: Int, saying words: String = "") {
        let bytes = Array(words.utf8)
        descriptors = (0..<count).compactMap { _ in
            guard let descriptor = LoopbackSocket.connected(to: port) else { return nil }
            send(descriptor, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
            return descriptor
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
