/// How long to pause so that the server is busy with checks for no more than a share of the time.
struct CheckPace: Sendable {
    /// Shorter pauses are saved up: a timer is no more exact than this.
    private static let shortestPause = Duration.milliseconds(1)
    /// The smallest share that is kept to, so that a pause has an end.
    private static let smallestShare = 1e-6

    private let share: Double
    private var owed = Duration.zero

    /// - Parameter share: Of the server's time, above zero; from one on there are no pauses.
    init(share: Double) {
        self.share = max(Self.smallestShare, share)
    }

    /// The pause that is due after the server has been busy for some time; `nil` for none.
    mutating func pause(after busy: Duration) -> Duration? {
        guard share < 1 else { return nil }
        owed += busy * ((1 - share) / share)
        guard owed >= Self.shortestPause else { return nil }
        defer { owed = .zero }
        return owed
    }
}
