import Metrics
import Synchronization

/// Whether the configuration in force is the one that the files hold, as the last reload left it.
public final class ConfigurationStatus: Sendable {
    struct State: Sendable {
        /// Why the last reload failed; `nil` where it worked.
        var problem: String?
        /// When a configuration was put into force last, in milliseconds since 1970.
        var loadedMilliseconds: Int64
    }

    private let state: Mutex<State>

    /// The configuration of the start is in force.
    public init(loadedAt milliseconds: Int64) {
        state = Mutex(State(loadedMilliseconds: milliseconds))
    }

    var current: State {
        state.withLock { $0 }
    }

    /// A configuration was put into force.
    public func loaded(at milliseconds: Int64) {
        state.withLock { $0 = State(loadedMilliseconds: milliseconds) }
    }

    /// A configuration could not be read; the one before stays in force.
    ///
    /// `problem` says why, without secrets.
    public func reloadFailed(_ problem: String) {
        state.withLock { $0.problem = problem }
    }
}
