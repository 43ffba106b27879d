import Glibc

/// Sees when the clock of this machine is set: two clocks in, steps out.
///
/// What is slewed, as NTP does it, is no step.
public struct ClockWatch: Sendable {
    /// Smaller steps change nothing that anyone would see.
    private static let tolerance: Int64 = 1_000_000_000

    private var difference: Int64?

    /// Has seen nothing yet.
    public init() {}

    /// By how many milliseconds the clock was set since the last look, below zero for back; `nil` where it was not.
    public mutating func look() -> Int64? {
        step(wall: Self.nanoseconds(CLOCK_REALTIME), monotonic: Self.nanoseconds(CLOCK_MONOTONIC))
    }

    /// The same for clocks that show this, in nanoseconds.
    mutating func step(wall: Int64, monotonic: Int64) -> Int64? {
        let new = wall &- monotonic
        defer { difference = new }
        guard let difference, (new &- difference).magnitude >= Self.tolerance.magnitude else { return nil }
        return (new &- difference) / 1_000_000
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
