import Metrics
import RedisClient

/// The histograms of one server as last read, and which of them have to be read again.
///
/// LATENCY HISTOGRAM costs the server about 6 µs for every command in it, together more than all of INFO, and a
/// histogram only changes with the calls of its command, which INFO counts. So a poll asks, beside INFO, for the
/// commands that moved of late, and then for those of which this INFO shows that they have moved, too.
struct LatencyHistograms: Sendable {
    /// What is remembered of one command.
    private struct Entry: Sendable {
        var histogram = CommandHistogram()
        /// What INFO said of the command when its histogram was read.
        var times: CommandTimes.Times?
        /// Polls since that has changed.
        var restingPolls = 0
        /// Whether the last question was for it, too.
        var isAsked = false
        /// Whether it has moved since it was read.
        var isStale = false
        /// Whether the server has one.
        var isThere = false
        /// Whether what was told of it is not this.
        var isUntold = true

        /// Compares with what INFO says now, `nil` where that does not have the command.
        mutating func settle(_ current: CommandTimes.Times?) {
            guard current != times || current == nil && isThere else {
                restingPolls = min(restingPolls + 1, LatencyHistograms.restAfter)
                isStale = false
                return
            }
            restingPolls = 0
            isStale = !isAsked
            if isAsked {
                times = current
                isUntold = true
            }
        }
    }

    /// A command that has not moved for so many polls is asked for only when INFO shows that it has.
    private static let restAfter = 4
    /// Whatever was missed is right again after this time.
    private static let lifetimeMilliseconds: Int64 = 300_000
    private static let askAll = ["LATENCY", "HISTOGRAM"]

    private var names = ByteKeyIndex()
    private var entries: [Entry] = []
    private var runID = ""
    /// When all were read; `nil` where they have to be.
    private var readAllAt: Int64?
    /// Whether the last question was for all.
    private var asksAll = false
    /// The last question that was not, and the commands in it.
    private var question = Self.askAll
    private var asked: [Int] = []
    private var samples = SampleMemory()

    /// Whether there are histograms to tell.
    var isKnown: Bool { readAllAt != nil }

    /// Forgets all, so that all are asked for.
    mutating func removeAll() {
        self = LatencyHistograms()
    }

    /// The question to ask, none where nothing has moved.
    ///
    /// - Parameter isFollowUp: Whether it is asked after `settle` said that some are stale.
    mutating func commands(isFollowUp: Bool, runID: String, now: Int64) -> [[String]] {
        let age = readAllAt.map { now.subtractingReportingOverflow($0).partialValue }
        guard let age, (0..<Self.lifetimeMilliseconds).contains(age), self.runID == runID else {
            self.runID = runID
            readAllAt = nil
            asksAll = true
            return [Self.askAll]
        }
        var wanted: [Int] = []
        for number in entries.indices {
            let isWanted = isFollowUp ? entries[number].isStale : entries[number].restingPolls < Self.restAfter
            entries[number].isAsked = isWanted
            if isWanted { wanted.append(number) }
        }
        asksAll = !wanted.isEmpty && wanted.count == entries.count
        if asksAll { return [Self.askAll] }
        // Most polls ask what the poll before has asked.
        if wanted != asked {
            asked = wanted
            question = Self.askAll + wanted.map(names.text(at:))
        }
        return wanted.isEmpty ? [] : [question]
    }

    /// Takes over what the server says to the question.
    mutating func read(_ reply: Reply, now: Int64) -> ParseSkips {
        var skips = ParseSkips()
        let before = beginReading()
        var elements = reply.elements
        while let name = elements.next() {
            guard let body = elements.next(), name.kind == .string else {
                skips.add(.malformed)
                continue
            }
            guard let number = name.withBytes({ self.number(of: $0, $0.wholeRange) }) else {
                skips.add(.overLimit)
                break
            }
            guard entries[number].histogram.read(body) else {
                skips.add(.malformed)
                continue
            }
            let unknownBounds = entries[number].histogram.unknownBounds
            if unknownBounds > 0 { skips.add(.malformed, unknownBounds) }
            entries[number].isThere = true
            entries[number].isUntold = true
        }
        if asksAll {
            readAllAt = now
        } else if asked.count(where: { entries[$0].isThere }) < before {
            // Someone has switched the measuring off, or a name is none that can be asked for.
            readAllAt = nil
        }
        return skips
    }

    /// Forgets what was asked for.
    ///
    /// - Returns: How many of the commands that were asked for by name had a histogram.
    private mutating func beginReading() -> Int {
        if asksAll {
            // Names that are gone are kept for their place, while there is some.
            if entries.count == InfoCommandstatsSection.limit {
                names.removeAll()
                entries.removeAll()
                asked = []
                question = Self.askAll
            }
            for number in entries.indices {
                entries[number].isAsked = true
                entries[number].isThere = false
            }
            return 0
        }
        var known = 0
        for number in asked where entries[number].isThere {
            entries[number].isThere = false
            known += 1
        }
        return known
    }

    /// The place of a command; `nil` where there are too many.
    private mutating func number(of bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        if let number = names.find(bytes, range) { return number }
        guard entries.count < InfoCommandstatsSection.limit else { return nil }
        entries.append(Entry(isAsked: asksAll))
        return names.insert(bytes, range)
    }

    /// Holds what was read against the INFO of the same poll.
    ///
    /// - Returns: Whether all is up to date.
    mutating func settle(_ times: CommandTimes, runID: String) -> Bool {
        // The question was put to the server that was there before.
        if self.runID != runID { readAllAt = nil }
        times.forEach { name, times in
            // One without calls has no histogram.
            if times.calls > 0 { _ = number(of: name, name.wholeRange) }
        }
        var isUpToDate = isKnown
        for number in entries.indices {
            let current = names.withBytes(at: number) { times.find($0, $0.wholeRange) }
            entries[number].settle(current)
            if entries[number].isStale { isUpToDate = false }
        }
        return isUpToDate
    }

    /// Adds every histogram that the server has, with the sums of INFO; most are as they were in the poll before.
    mutating func append(_ family: FamilyID, _ bounds: LastLabels, to buffer: inout SampleBuffer) {
        for number in entries.indices where entries[number].isThere {
            names.withBytes(at: number) { name in
                if !entries[number].isUntold, samples.tellAgain(name) { return }
                let histogram = entries[number].histogram
                samples.values += histogram.counts
                samples.values.append(histogram.calls)
                samples.values.append(entries[number].times?.microseconds ?? 0)
                samples.values.append(histogram.calls)
                samples.tell(name) { $0.appendHistogram(family, label: name, bounds: bounds) }
                entries[number].isUntold = false
            }
        }
        samples.end(into: &buffer)
    }
}
