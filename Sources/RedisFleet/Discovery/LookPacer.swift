/// Decides how soon a target may be looked at again, so that a flood of events cannot become a flood of looks.
///
/// After a quiet time looks follow each other almost at once, as a failover needs; in the long run there is one a second.
struct LookPacer: Sendable {
    /// What happens within this time is looked at together.
    static let debounce: Duration = .milliseconds(50)
    private static let burst = 30.0

    private var credit = burst
    private var lastLook: ContinuousClock.Instant?

    /// The pause after a look at so many members that ends now; what a look costs grows with them.
    mutating func pause(members: Int, now: ContinuousClock.Instant) -> Duration {
        if let lastLook { credit = min(Self.burst, credit + (now - lastLook).seconds) }
        lastLook = now
        credit = max(0, credit - 1)
        guard credit >= 1 else { return .seconds(1) }
        return max(Self.debounce, .milliseconds(members))
    }
}
