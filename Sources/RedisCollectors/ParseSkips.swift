/// Why a part of a reply was skipped; the values of the label `reason` of `redstart_parse_skipped_total`.
public enum SkipReason: String, Sendable, CaseIterable {
    /// A line or element that does not have the expected form.
    case malformed
    /// A value that should be a number and is none.
    case notANumber = "not_a_number"
    /// A reply of another kind than the command gives.
    case unexpectedReply = "unexpected_reply"
    /// More parts than a server sensibly has, for example error names minted by scripts.
    case overLimit = "over_limit"
}

/// How many parts of the replies of one poll were skipped, by reason.
///
/// A part that cannot be read is never guessed at: it is left out and counted here.
public struct ParseSkips: Sendable, Equatable {
    private var malformed = 0
    private var notANumber = 0
    private var unexpectedReply = 0
    private var overLimit = 0

    /// Nothing skipped.
    public init() {}

    /// The number of parts skipped for a reason.
    public subscript(reason: SkipReason) -> Int {
        switch reason {
        case .malformed: malformed
        case .notANumber: notANumber
        case .unexpectedReply: unexpectedReply
        case .overLimit: overLimit
        }
    }

    /// Whether nothing was skipped.
    public var isEmpty: Bool {
        total == 0
    }

    /// The number of parts skipped for any reason.
    public var total: Int {
        malformed + notANumber + unexpectedReply + overLimit
    }

    /// Adds what was skipped elsewhere.
    public mutating func add(_ other: ParseSkips) {
        for reason in SkipReason.allCases {
            add(reason, other[reason])
        }
    }

    /// Counts parts that were skipped.
    mutating func add(_ reason: SkipReason, _ count: Int = 1) {
        switch reason {
        case .malformed: malformed += count
        case .notANumber: notANumber += count
        case .unexpectedReply: unexpectedReply += count
        case .overLimit: overLimit += count
        }
    }
}
