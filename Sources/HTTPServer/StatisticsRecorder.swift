import Synchronization

/// The one place all connections count in; a lock taken once or twice per request costs 20 ns when nobody waits.
final class StatisticsRecorder: Sendable {
    private let state = Mutex(HTTPServerStatistics())

    var snapshot: HTTPServerStatistics {
        state.withLock { $0 }
    }

    func record(_ change: (inout HTTPServerStatistics) -> Void) {
        state.withLock { change(&$0) }
    }

    /// Counts a new connection; false if there are more than `limit` open now, this one included.
    func connectionOpened(limit: Int) -> Bool {
        state.withLock { statistics in
            statistics.acceptedConnections &+= 1
            statistics.openConnections += 1
            guard statistics.openConnections <= limit else {
                statistics.countRefusal(.connectionLimit)
                return false
            }
            return true
        }
    }
}
