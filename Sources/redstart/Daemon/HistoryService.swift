import Metrics
import ServiceLifecycle
import TimeSeriesStore
import WebAPI

/// Keeps the history in order: forgets what is too old, and adds what Redstart says about itself.
///
/// So it is also who looks regularly how all parts are, and gives the memory of what was forgotten back.
struct HistoryService: Service {
    private static let interval: Duration = .seconds(15)
    /// How many intervals pass until free memory goes back to the system.
    private static let intervalsPerTrim = 4

    let store: TimeSeriesStore
    let selfMetrics: SelfMetrics
    let health: HealthMonitor

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var group = store.addGroup(labels: Labels([("job", "redstart"), ("instance", "localhost")]))
            var intervals = 0
            repeat {
                await health.look()
                // A sample that the store refuses is counted by the store and shows in the self metrics.
                try? store.append(selfMetrics.samples(), continuing: &group)
                store.removeExpired(now: WallClock.milliseconds())
                intervals += 1
                if intervals.isMultiple(of: Self.intervalsPerTrim) { Allocator.returnFreeMemory() }
            } while (try? await Task.sleep(for: Self.interval)) != nil
        }
    }
}
