import Synchronization

/// Whom `/scrape` may ask at this moment: a reload changes it.
public final class CurrentScrapePolicy: Sendable {
    private let policy: Mutex<ScrapePolicy>

    /// Begins with a policy.
    public init(_ policy: ScrapePolicy) {
        self.policy = Mutex(policy)
    }

    /// The policy that is in force.
    public var current: ScrapePolicy {
        policy.withLock { $0 }
    }

    /// Puts another policy into force.
    public func replace(with new: ScrapePolicy) {
        policy.withLock { $0 = new }
    }
}
