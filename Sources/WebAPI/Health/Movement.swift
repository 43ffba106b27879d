/// A figure that is looked at from time to time, and when it was last seen to move.
///
/// On the steady clock: one that is set forward or back moves nothing.
struct Movement<Value: Equatable & Sendable>: Sendable {
    private var value: Value
    /// When it moved; `nil` as long as it has not.
    private(set) var lastSeen: ContinuousClock.Instant?

    init(_ value: Value) {
        self.value = value
    }

    mutating func note(_ new: Value, at now: ContinuousClock.Instant) {
        guard new != value else { return }
        value = new
        lastSeen = now
    }

    /// Whether it moved within a time.
    func isRecent(_ time: Duration, at now: ContinuousClock.Instant) -> Bool {
        lastSeen.map { now - $0 <= time } ?? false
    }
}

/// Figures by name; those that are not given any more are forgotten.
struct Movements<Value: Equatable & Sendable>: Sendable {
    private var all: [String: Movement<Value>] = [:]

    mutating func note(_ values: [String: Value], at now: ContinuousClock.Instant) {
        all = Dictionary(
            uniqueKeysWithValues: values.map { name, value in
                var movement = all[name] ?? Movement(value)
                movement.note(value, at: now)
                return (name, movement)
            }
        )
    }

    subscript(name: String) -> ContinuousClock.Instant? {
        all[name]?.lastSeen
    }
}
