/// How many series one poll of a node may have; what is more is dropped and counted.
///
/// Some labels have values that users of the server choose, such as names of clients, keys, commands and errors.
public struct SeriesLimits: Sendable, Equatable {
    /// The most series of all families together.
    public var perNode: Int
    /// The most series of one family.
    public var perFamily: Int

    /// Limits that a server in ordinary use does not reach.
    public init(perNode: Int = 10_000, perFamily: Int = 5_000) {
        self.perNode = perNode
        self.perFamily = perFamily
    }
}

/// Why a sample was dropped; the values of the label `reason` of `redstart_series_dropped_total`.
public enum SeriesDropReason: String, Sendable, CaseIterable {
    /// An earlier sample of the same poll has the same name and labels.
    case duplicate
    /// The family has reached its limit.
    case familyLimit = "family_limit"
    /// The node has reached its limit.
    case nodeLimit = "node_limit"
}

/// Samples that were dropped, by reason.
public struct SeriesDropCounts: Sendable, Equatable {
    private var duplicate = 0
    private var familyLimit = 0
    private var nodeLimit = 0

    /// Nothing dropped.
    init() {}

    /// The number of samples dropped for a reason.
    public internal(set) subscript(reason: SeriesDropReason) -> Int {
        get {
            switch reason {
            case .duplicate: duplicate
            case .familyLimit: familyLimit
            case .nodeLimit: nodeLimit
            }
        }
        set {
            switch reason {
            case .duplicate: duplicate = newValue
            case .familyLimit: familyLimit = newValue
            case .nodeLimit: nodeLimit = newValue
            }
        }
    }

    /// Adds what one poll dropped.
    static func += (total: inout SeriesDropCounts, poll: SeriesDropCounts) {
        total.duplicate &+= poll.duplicate
        total.familyLimit &+= poll.familyLimit
        total.nodeLimit &+= poll.nodeLimit
    }
}
