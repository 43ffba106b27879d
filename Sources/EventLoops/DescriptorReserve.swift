import Glibc
public import NIOCore

/// The last file descriptors that the process may have, which no connection gets.
///
/// They are for the runtime: Dispatch ends the process when it cannot open the files about its own threads.
public enum DescriptorReserve {
    /// What the process may have when it opens its first connection; Dispatch reads them by thread, one at a time.
    private static let limit = {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return isKnown ? Int(clamping: limit.rlim_cur) : .max
    }()

    private static let first = limit - min(64, limit / 4)

    /// Refuses a new channel whose descriptor is one of them; call it in the channel's initializer.
    ///
    /// - Throws: `IOError` with `EMFILE`, as the system does when there are none at all.
    public static func check(_ channel: any Channel) throws {
        let descriptor = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { Int($0) }
        if let descriptor, descriptor >= first { throw IOError(errnoCode: EMFILE, reason: "connect") }
    }
}
