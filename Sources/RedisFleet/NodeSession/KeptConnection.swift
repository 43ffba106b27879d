import Metrics
import RedisClient

/// The connection that a session keeps to its node, as long as it is of use.
struct KeptConnection {
    private var connection: RedisConnection?
    /// When the last connection was begun.
    private var begunAt: ContinuousClock.Instant?

    /// The connection, if it can still be used.
    var usable: RedisConnection? {
        if let connection, connection.isUsable { connection } else { nil }
    }

    /// Whether there was one, and the server has closed it.
    var isBroken: Bool {
        connection.map { !$0.isUsable } ?? false
    }

    /// The connection for a poll: it can be used and is not due to be made anew.
    func usable(forPollAt now: ContinuousClock.Instant) -> RedisConnection? {
        usable.flatMap { mayShowOldCertificate($0, now: now) ? nil : $0 }
    }

    /// Whether the server may have a newer certificate than the one it showed: a kept connection would report the old
    /// one for ever.
    private func mayShowOldCertificate(_ connection: RedisConnection, now: ContinuousClock.Instant) -> Bool {
        guard let expiry = connection.certificateExpiry, let begunAt, now - begunAt > .seconds(3600) else {
            return false
        }
        return expiry - WallClock.milliseconds() / 1000 < 30 * 86400
    }

    /// Lets go of what there is, as another one is about to be made.
    mutating func begin(now: ContinuousClock.Instant) {
        close()
        begunAt = now
    }

    /// Keeps a connection.
    mutating func keep(_ new: RedisConnection) {
        connection = new
    }

    /// Closes it, if there is one.
    mutating func close() {
        connection?.close()
        connection = nil
    }
}
