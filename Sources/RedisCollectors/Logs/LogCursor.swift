/// Counts the entries of a log by command, each once, by their ids.
///
/// A log gives its newest entries only, so the cursor asks for a few, and for more when those it got do not reach back
/// to the one it counted last. Ids start again at zero with the server; a reset of the log leaves them alone.
struct LogCursor: Sendable {
    /// What one command has in the log so far.
    struct Total: Sendable, Equatable {
        let command: String
        var entries: Double
        var amount: Double
    }

    /// How many entries to ask for while the log is quiet.
    static let quietFetch = 4
    /// How many entries to ask for at most.
    static let largestFetch = 128
    /// How many to ask for when nothing is known of the log.
    static let firstFetch = 32
    /// Further commands are counted as `other`.
    static let commandLimit = 128

    /// How many entries to ask for.
    private(set) var fetch = LogCursor.firstFetch
    /// The id of the newest entry that was counted.
    private(set) var lastID: Int64?
    /// Entries that the log dropped before they were seen.
    private(set) var missed = 0.0
    /// What was counted, in the order in which commands appeared.
    private(set) var totals: [Total] = []

    private var runID = ""

    /// Counts what is new in the newest entries of the log, and adds it to the findings, newest first.
    ///
    /// What stands in the log at the first call is added as found earlier.
    mutating func take(_ entries: [SlowLogEntry], runID: String, into findings: inout SlowLogFindings) {
        if lastID == nil { findings.earlier += entries }
        findings.new += take(entries, runID: runID)
    }

    /// Counts what is new in the newest entries of the log, and returns it, newest first.
    ///
    /// The entries of the first call were there before: they only make their commands known, so that the first entry
    /// counted is an increase of a series and not its start.
    mutating func take(_ entries: [SlowLogEntry], runID: String) -> [SlowLogEntry] {
        if runID != self.runID {
            if lastID != nil { lastID = -1 }
            self.runID = runID
        }
        guard let newest = entries.first?.id else {
            if lastID == nil { lastID = -1 }
            return []
        }
        guard var last = lastID else {
            for entry in entries {
                count(entry, by: 0)
            }
            lastID = newest
            fetch = Self.quietFetch
            return []
        }
        if newest < last { last = -1 }
        let fresh = Array(entries.prefix { $0.id > last })
        let gap = fresh.last.map { $0.id - last - 1 } ?? 0
        if gap > 0, fresh.count >= fetch, fetch < Self.largestFetch {
            lastID = last
            fetch = Int(min(Int64(Self.largestFetch), newest - last + Int64(Self.quietFetch)))
            return []
        }
        missed += Double(gap)
        for entry in fresh {
            count(entry, by: 1)
        }
        lastID = newest
        fetch = Self.quietFetch
        return fresh
    }

    private mutating func count(_ entry: SlowLogEntry, by entries: Double) {
        let isKnown = totals.contains { $0.command == entry.command }
        let command = isKnown || totals.count < Self.commandLimit ? entry.command : CommandName.other
        let amount = Double(entry.amount) * entries
        if let place = totals.firstIndex(where: { $0.command == command }) {
            totals[place].entries += entries
            totals[place].amount += amount
        } else {
            totals.append(Total(command: command, entries: entries, amount: amount))
        }
    }
}
