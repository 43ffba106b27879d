/// Which heavy checks are made of a node, how often, and how much of the server's time they may take.
///
/// Nothing of it is on by default: all of it costs a server more than a poll does.
public struct CheckOptions: Sendable, Equatable {
    /// When checks run.
    public enum Schedule: Sendable, Equatable {
        /// On their own, at this interval, within the budget; polls and scrapes show the last results.
        case every(Duration)
        /// In each poll, which waits for them, without a budget: for one scrape that somebody asked for.
        case withPoll
    }

    /// Keys whose size, memory and value are exported, by patterns for `SCAN` (`--check-keys`).
    public var keys: [KeySelector] = []
    /// Keys whose size, memory and value are exported, by name (`--check-single-keys`).
    public var singleKeys: [KeySelector] = []
    /// Patterns whose keys are counted (`--count-keys`).
    public var countKeys: [KeySelector] = []
    /// Streams by patterns for `SCAN` (`--check-streams`).
    public var streams: [KeySelector] = []
    /// Streams by name (`--check-single-streams`).
    public var singleStreams: [KeySelector] = []
    /// No series per consumer of a group (`--streams-exclude-consumer-metrics`).
    public var excludesConsumers = false
    /// Lua patterns whose captures name the groups that all keys are sorted into (`--check-key-groups`).
    public var keyGroups: [String] = []
    /// Groups beyond this number, by memory, are put together as `overflow` (`--max-distinct-key-groups`).
    public var maxDistinctKeyGroups = 100
    /// The `COUNT` of `SCAN`: how many keys the server looks at in one go (`--check-keys-batch-size`).
    public var keysBatchSize = 1000
    /// Lua scripts whose replies are exported (`--script`).
    public var scripts: [CheckScript] = []
    /// Run scripts with `EVAL_RO`, which cannot write (`--lua-script-read-only`).
    public var runsScriptsReadOnly = false
    /// Which search indexes are exported; `nil` for none (`--include-search-indexes-metrics`).
    public var searchIndexes: SearchIndexFilter?
    /// The size of the RDB file, where it lies on the machine of Redstart (`--include-rdb-file-size-metric`).
    public var includesRDBFileSize = false
    /// Follow keys to the nodes of the cluster that have them (`--is-cluster`).
    public var isCluster = false
    /// Do not export values of keys (`--disable-exporting-key-values`).
    public var excludesKeyValues = false
    /// No checks of keys, streams and counts on a master (`--skip-checkkeys-for-role-master`).
    public var skipsMasters = false

    /// When checks run (`--check-interval`).
    public var schedule = Schedule.every(.seconds(60))
    /// The share of the server's time that checks may take: 0.01 is 10 ms a second (`--check-budget`).
    public var budget = 0.01
    /// What the server's answers are cut to.
    public var limits = Limits()

    /// How much of what a server has becomes series; what is beyond is counted as dropped.
    public struct Limits: Sendable, Equatable {
        /// Keys that one pattern may bring.
        public var keysPerPattern = 2000
        /// Bytes of the name of a key, a group or a consumer.
        public var nameBytes = 512
        /// Bytes of a value that becomes a label.
        public var valueBytes = 512
        /// Groups of one stream.
        public var groupsPerStream = 200
        /// Consumers of one group.
        public var consumersPerGroup = 200
        /// Numbers in the reply of one script.
        public var scriptValues = 1000
        /// Search indexes.
        public var searchIndexes = 200

        /// The defaults.
        public init() {}
    }

    /// No checks.
    public init() {}

    /// Whether there is nothing to check.
    public var isEmpty: Bool {
        keys.isEmpty && singleKeys.isEmpty && countKeys.isEmpty && streams.isEmpty && singleStreams.isEmpty
            && keyGroups.isEmpty && scripts.isEmpty && searchIndexes == nil && !includesRDBFileSize
    }
}

/// A Lua script and the name under which its results are exported.
public struct CheckScript: Sendable, Equatable {
    /// The value of the label `filename`.
    public let filename: String
    /// The text of the script.
    public let source: String

    /// Names a script.
    public init(filename: String, source: String) {
        self.filename = filename
        self.source = source
    }
}

/// Which search indexes are of interest (`--check-search-indexes`); filters of the same pattern are equal.
public struct SearchIndexFilter: Sendable, Equatable {
    /// The pattern as the user wrote it.
    public let pattern: String
    /// Whether the name of an index is of interest.
    public let matches: @Sendable (String) -> Bool

    /// Joins a pattern and what it means.
    public init(pattern: String, matches: @escaping @Sendable (String) -> Bool) {
        self.pattern = pattern
        self.matches = matches
    }

    /// All indexes.
    public static let all = SearchIndexFilter(pattern: ".*") { _ in true }

    /// Whether the patterns are the same.
    public static func == (left: SearchIndexFilter, right: SearchIndexFilter) -> Bool {
        left.pattern == right.pattern
    }
}
