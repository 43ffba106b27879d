import Logging
import Metrics
import RedisFleet
import ServiceLifecycle

/// Says so when the clock of this machine is set, as much of what is shown then is explained by it.
struct ClockService: Service {
    private static let interval: Duration = .seconds(5)

    let fleet: Fleet
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = ClockWatch()
            repeat {
                guard let step = watch.look() else { continue }
                let text = Self.text(step)
                fleet.note(.clockSet, text)
                logger.warning("\(text)", metadata: ["step_ms": "\(step)"])
            } while (try? await Task.sleep(for: Self.interval)) != nil
        }
    }

    /// What happened, and what follows from it.
    static func text(_ step: Int64) -> String {
        let seconds = (step.magnitude + 500) / 1000
        if step > 0 {
            return "the clock of this machine was set forward by \(seconds) s, or the machine slept: to rules and to "
                + "the history that time has passed"
        }
        return step.magnitude <= WallClock.largestStepBack.magnitude
            ? "the clock of this machine was set back by \(seconds) s: until it has caught up, times go on a little "
                + "slower and are ahead of it"
            : "the clock of this machine was set back by \(seconds) s: what was noted of the future is dropped"
    }
}
