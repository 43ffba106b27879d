public import Metrics

/// An alert as receivers see it: it fires, or it has ended.
///
/// Times are milliseconds since 1970.
public struct NotifiedAlert: Sendable, Equatable {
    /// The labels as the journal has them: what tells this alert from others here.
    public let key: Labels
    /// The labels that receivers see: those of the daemon (`external_labels`) added.
    public let labels: Labels
    /// The annotations, those of the last evaluation if there was one.
    public var annotations: Labels
    /// The value that made it fire.
    public var value: Double
    /// When it began to fire.
    public let startsAt: Int64
    /// When it ended; `nil` while it fires.
    public let endsAt: Int64?
    /// Where people see the expression.
    public let generatorURL: String

    /// Makes an alert.
    public init(
        key: Labels,
        labels: Labels? = nil,
        annotations: Labels = Labels(),
        value: Double = 1,
        startsAt: Int64,
        endsAt: Int64? = nil,
        generatorURL: String = ""
    ) {
        self.key = key
        self.labels = labels ?? key
        self.annotations = annotations
        self.value = value
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.generatorURL = generatorURL
    }

    /// Whether it has ended.
    public var isResolved: Bool {
        endsAt != nil
    }
}

/// What tells alerts and groups from one another outside of this process, as Prometheus and Alertmanager make it.
enum Fingerprint {
    /// FNV-1a over names and values, each followed by 255, in the order of the names.
    static func of(_ labels: Labels) -> UInt64 {
        var hash = offset
        labels.withEachPair { name, value in
            for text in [name, value] {
                for byte in text { mix(byte, into: &hash) }
                mix(255, into: &hash)
            }
        }
        return hash
    }

    static func of(_ text: String) -> UInt64 {
        var hash = offset
        for byte in text.utf8 { mix(byte, into: &hash) }
        return hash
    }

    /// Sixteen hexadecimal digits.
    static func text(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static let offset: UInt64 = 0xcbf2_9ce4_8422_2325

    private static func mix(_ byte: UInt8, into hash: inout UInt64) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}
