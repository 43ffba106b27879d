/// The few fields of INFO that an examination needs.
struct ServerInfo {
    private let fields: [Substring: Substring]

    init(_ text: String) {
        fields = Dictionary(
            text.split(whereSeparator: \.isNewline).compactMap { line in
                line.firstIndex(of: ":").map { (line[..<$0], line[line.index(after: $0)...]) }
            }
        ) { first, _ in first }
    }

    /// A field as a whole number.
    func number(_ name: String) -> Int? {
        fields[name[...]].flatMap { Int($0) }
    }
}

/// How far a server's clock is from ours.
enum ClockSkew {
    /// Rules compare times of servers with ours by the second.
    private static let tolerance: Double = 1

    /// - Parameters:
    ///   - serverSeconds: What the server says.
    ///   - askedAt: When it was asked, by our clock.
    ///   - answeredAt: When its answer was here.
    static func finding(
        _ serverSeconds: Double,
        askedAt: Double,
        answeredAt: Double,
        at place: String
    ) -> Finding {
        // It was said some time between: that much nobody can know.
        let ahead = serverSeconds - answeredAt
        let behind = askedAt - serverSeconds
        let skew = max(ahead, behind)
        guard skew > tolerance else { return Finding(.ok, .clock, place, "its clock is ours") }
        let direction = ahead > 0 ? "ahead of" : "behind"
        let amount = skew < 120 ? "\(Int(skew.rounded())) s" : "\(Int((skew / 60).rounded())) minutes"
        return Finding(
            .warning, .clock, place, "its clock is \(amount) \(direction) the one of this machine",
            advice: "Synchronize both by NTP: ages and lags are wrong by that much"
        )
    }
}
