import Glibc
public import NIOCore

/// The last file descriptors that the process may have, which no connection gets.
///
/// They are for the runtime: Dispatch ends the process when it cannot open the files about its own threads. A few before
/// them are for what Redstart opens itself, so that no crowd of clients keeps it from its servers and receivers.
public enum DescriptorReserve {
    /// Who has opened a connection.
    public enum Opener: Sendable {
        /// A client of Redstart.
        case client
        /// Redstart.
        case redstart
    }

    /// What the process may have when it opens its first connection; Dispatch reads them by thread, one at a time.
    private static let limit = {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return isKnown ? Int(clamping: limit.rlim_cur) : .max
    }()

    private static func first(for opener: Opener) -> Int {
        switch opener {
        case .client: limit - min(64, limit / 4)
        case .redstart: limit - min(32, limit / 8)
        }
    }

    /// Refuses a new channel whose descriptor is one of them; call it in the channel's initializer.
    ///
    /// - Throws: `IOError` with `EMFILE`, as the system does when there are none at all.
    public static func check(_ channel: any Channel, openedBy opener: Opener) throws {
        let descriptor = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { Int($0) }
        if let descriptor, descriptor >= first(for: opener) { throw IOError(errnoCode: EMFILE, reason: "connect") }
    }
}
