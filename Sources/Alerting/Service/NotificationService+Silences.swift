import PromQL

/// Why a silence cannot be made or ended.
public enum SilenceError: Error, Sendable, Hashable {
    /// There is none with that name.
    case unknown
    /// It cannot be as it is asked for; for people.
    case invalid(String)
    /// It cannot be kept.
    case notKept
}

extension NotificationService {
    /// All silences, those that end last first.
    public var silences: [Silence] {
        silenceBook.silences.values.sorted { ($0.endsAt, $0.id) > ($1.endsAt, $1.id) }
    }

    /// Makes a silence, or changes the one with that name.
    ///
    /// - Parameter silence: With an empty name for a new one.
    /// - Returns: The name. As in Alertmanager a change that lets other alerts through ends the old silence and makes a
    ///   new one.
    public func set(_ silence: Silence) async throws(SilenceError) -> String {
        try await inTurn { () throws(SilenceError) in try await self.setNow(silence) }
    }

    private func setNow(_ silence: Silence) async throws(SilenceError) -> String {
        let time = now()
        if let problem = silence.problem(at: time) { throw .invalid(problem) }
        let old = silenceBook.silences[silence.id]
        if old == nil, !silence.id.isEmpty { throw .unknown }
        if silenceBook.silences.count >= SilenceBook.limit, old == nil {
            throw .invalid("there are \(SilenceBook.limit) silences already; let some end first")
        }
        let isSame = old?.matchers == silence.matchers && old?.state(at: time) != .expired
        if let old, !isSame, old.state(at: time) != .expired { try await keep(old.ended(at: time)) }
        let new = Silence(
            id: isSame ? silence.id : Self.newName(),
            matchers: silence.matchers,
            startsAt: silence.startsAt,
            endsAt: silence.endsAt,
            updatedAt: time,
            createdBy: silence.createdBy,
            comment: silence.comment
        )
        try await keep(new)
        return new.id
    }

    /// Ends a silence.
    public func expireSilence(_ id: String) async throws(SilenceError) {
        try await inTurn { () throws(SilenceError) in try await self.expireNow(id) }
    }

    private func expireNow(_ id: String) async throws(SilenceError) {
        guard let silence = silenceBook.silences[id] else { throw .unknown }
        let time = now()
        guard silence.state(at: time) != .expired else { throw .invalid("silence \(id) is over already") }
        try await keep(silence.ended(at: time))
    }

    /// Makes a change after those before: each waits for the disk, and what it rests on, such as how many silences there
    /// are, must not change meanwhile.
    private func inTurn<Value: Sendable>(
        _ change: @escaping @Sendable () async throws(SilenceError) -> Value
    ) async throws(SilenceError) -> Value {
        let before = lastSilenceChange
        let task = Task { () -> Result<Value, SilenceError> in
            await before?.value
            do throws(SilenceError) {
                return .success(try await change())
            } catch {
                return .failure(error)
            }
        }
        lastSilenceChange = Task { _ = await task.value }
        return try await task.value.get()
    }

    private func keep(_ silence: Silence) async throws(SilenceError) {
        let (store, time) = (store, now())
        guard await onDisk({ try store.set(silence, now: time) }) != nil else { throw .notKept }
        silenceBook.set(silence)
        publish()
    }

    /// A UUID of version 4, as Alertmanager names silences.
    private static func newName() -> String {
        var digits = (0..<32).map { _ in Character(String(Int.random(in: 0..<16), radix: 16)) }
        digits[12] = "4"
        digits[16] = Character(String(Int.random(in: 8..<12), radix: 16))
        for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
        return String(digits)
    }
}
