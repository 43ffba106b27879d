import Glibc
import Synchronization

/// The time of day, as samples carry it: one that does not go back.
///
/// When the clock of the system is set back by up to `largestStepBack`, this one runs on, a little slower, until the
/// other has caught up: no poll is lost, and rates stay right. A larger step is believed.
public enum WallClock {
    /// The largest step back that is smoothed, in milliseconds; who sees a larger one drops what is of the future.
    public static let largestStepBack: Int64 = 600_000

    private static let steady = Mutex(SteadyTime())

    /// Milliseconds since 1970.
    public static func milliseconds() -> Int64 {
        steady.withLock { steady in
            steady.read(wall: nanoseconds(CLOCK_REALTIME), monotonic: nanoseconds(CLOCK_MONOTONIC)) / 1_000_000
        }
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Makes a time that does not go back of one that is set from outside; all in nanoseconds.
struct SteadyTime {
    /// How much slower it runs while it is ahead: rates are wrong by as much.
    private static let slowness: Int64 = 20

    private var last: (time: Int64, monotonic: Int64)?

    /// The time when the two clocks of the system show this.
    mutating func read(wall: Int64, monotonic: Int64) -> Int64 {
        guard let last else {
            self.last = (wall, monotonic)
            return wall
        }
        let elapsed = max(0, monotonic - last.monotonic)
        let isBelieved = last.time + elapsed - wall > WallClock.largestStepBack * 1_000_000
        let time = isBelieved ? wall : max(wall, last.time + elapsed - elapsed / Self.slowness)
        self.last = (time, monotonic)
        return time
    }
}
