import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// How the program ends, and whether the end has begun.
///
/// The first SIGTERM or SIGINT makes it unready and, after a delay in which load balancers may notice, shuts the services
/// down one after another. The second ends the process at once.
final class Ending: Sendable {
    /// How long the end may take.
    struct Times: Sendable {
        /// From the signal to the end of the first service: as long as that requests are still taken.
        var delay: Duration
        /// For all services together; what hangs is cut off then.
        var limit: Duration

        /// What requests under way may take.
        var ofRequests: Duration { limit * 2 / 3 }
        /// What one who delivers messages or samples may take for the last of them.
        var ofDeliveries: Duration { limit / 3 }
    }

    private let begun = Atomic<Bool>(false)

    /// Whether the end has begun.
    var hasBegun: Bool {
        begun.load(ordering: .relaxed)
    }

    /// Ends a group at the first signal, the process at the second; runs until its task is cancelled.
    func end(_ group: ServiceGroup, at signals: UnixSignalsSequence, after delay: Duration, _ logger: Logger) async {
        for await signal in signals {
            guard !begun.exchange(true, ordering: .relaxed) else {
                logger.warning("a second signal: ending at once", metadata: ["signal": "\(signal)"])
                // As whoever sent it expects of a process that does not handle it; nothing is kept.
                _exit(128 + signal.number)
            }
            logger.notice("ending", metadata: ["signal": "\(signal)"])
            Task {
                try? await Task.sleep(for: delay)
                await group.triggerGracefulShutdown()
            }
        }
    }
}

extension UnixSignal {
    fileprivate var number: Int32 {
        self == .sigint ? SIGINT : SIGTERM
    }
}
