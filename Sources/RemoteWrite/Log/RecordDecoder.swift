import Bytes
import Metrics
import Outbound

/// Reads records of the log and makes of them samples as an endpoint is to get them: with external labels, relabelled.
///
/// Bytes of any kind may come: what is no record is refused.
struct RecordDecoder {
    /// What is done to each series.
    struct Treatment: Sendable, Equatable {
        /// Labels for series that do not have them.
        var externalLabels = Labels()
        var relabelling: [RelabelRule] = []
        /// Whether samples say since when a counter counts.
        var tellsStartTimes = false
    }

    private struct Key {
        let labels: [LabelPair]
        let family: Int
    }

    /// What relabelling makes of a series.
    private enum Outcome {
        case same
        case dropped
        case changed([LabelPair])
    }

    private struct Group {
        let labels: [LabelPair]
        var layout: [UInt64] = []
        var keys: [Key] = []
        var values: [UInt64] = []
        var outcomes: [Outcome?] = []
        var starts: StartTimes?
    }

    private let treatment: Treatment
    private let families: FamilyIndex
    private(set) var symbols = SymbolTable()
    private var keys: [UInt64: Key] = [:]
    private var groups: [UInt64: Group] = [:]
    private var epoch: UInt64?
    /// Start times from segments of the same process before.
    private var earlierStarts: [UInt64: StartTimes] = [:]
    /// Rows before this are too old.
    var oldest: Int64 = .min

    init(_ treatment: Treatment, families: FamilyIndex) {
        self.treatment = treatment
        self.families = families
    }

    /// What comes next is the start of a segment.
    mutating func beginSegment(epoch: UInt64) {
        if treatment.tellsStartTimes {
            if epoch == self.epoch {
                for (number, group) in groups { earlierStarts[number] = group.starts }
            } else {
                earlierStarts = [:]
            }
        }
        self.epoch = epoch
        symbols.removeAll()
        keys = [:]
        groups = [:]
    }

    /// Reads the records of a frame.
    ///
    /// Returns whether all of them are such; else the batch is as it was.
    mutating func decode(_ payload: UnsafeRawBufferPointer, into batch: inout SampleBatch) -> Bool {
        let (samples, pairs) = (batch.samples.count, batch.pairs.count)
        var reader = ByteReader(payload)
        while !reader.isAtEnd {
            guard decodeRecord(&reader, &batch) != nil else {
                batch.samples.removeSubrange(samples...)
                batch.pairs.removeSubrange(pairs...)
                return false
            }
        }
        return true
    }

    private mutating func decodeRecord(_ reader: inout ByteReader, _ batch: inout SampleBatch) -> Void? {
        guard let tag = reader.byte().flatMap({ RecordTag(rawValue: $0) }), let number = reader.varint() else {
            return nil
        }
        switch tag {
        case .key:
            guard let labels = decodeLabels(&reader) else { return nil }
            keys[number] = Key(labels: labels, family: family(of: labels))
        case .group:
            guard let labels = decodeLabels(&reader) else { return nil }
            let external = pairs(treatment.externalLabels)
            groups[number] = Group(labels: merged(external, labels))
        case .layout:
            return decodeLayout(of: number, &reader)
        case .row:
            guard let timestamp = reader.integer(Int64.self) else { return nil }
            return decodeRow(of: number, at: timestamp, &reader, &batch)
        case .stale:
            guard let timestamp = reader.integer(Int64.self) else { return nil }
            return decodeStale(of: number, at: timestamp, &reader, &batch)
        }
        return ()
    }

    // MARK: Definitions

    private mutating func decodeLabels(_ reader: inout ByteReader) -> [LabelPair]? {
        guard let bytes = reader.run() else { return nil }
        var labels = ByteReader(bytes)
        var pairs: [LabelPair] = []
        while !labels.isAtEnd {
            guard let name = labels.run(), let value = labels.run() else { return nil }
            pairs.append(LabelPair(name: symbols.symbol(name), value: symbols.symbol(value)))
        }
        return pairs
    }

    private mutating func pairs(_ labels: Labels) -> [LabelPair] {
        var result: [LabelPair] = []
        labels.withEachPair { name, value in
            result.append(LabelPair(name: symbols.symbol(name), value: symbols.symbol(value)))
        }
        return result
    }

    private func family(of labels: [LabelPair]) -> Int {
        let name = labels.first { symbols.text($0.name) == Labels.metricNameLabel }
        return name.map { families.index(of: symbols.text($0.value)) } ?? -1
    }

    private func decodeKeyNumbers(_ reader: inout ByteReader) -> [UInt64]? {
        guard let count = reader.varint() else { return nil }
        var numbers: [UInt64] = []
        var number: Int64 = 0
        for _ in 0..<count {
            guard let step = reader.signedVarint() else { return nil }
            number = number &+ step
            numbers.append(UInt64(bitPattern: number))
        }
        return numbers
    }

    private mutating func decodeLayout(of number: UInt64, _ reader: inout ByteReader) -> Void? {
        guard let numbers = decodeKeyNumbers(&reader), var group = groups.removeValue(forKey: number) else {
            return nil
        }
        group.keys = numbers.compactMap { keys[$0] }
        guard group.keys.count == numbers.count else { return nil }
        group.layout = numbers
        group.values = [UInt64](repeating: 0, count: numbers.count)
        group.outcomes = treatment.relabelling.isEmpty ? [] : Array(repeating: nil, count: numbers.count)
        if treatment.tellsStartTimes {
            let before = group.starts ?? earlierStarts.removeValue(forKey: number)
            group.starts = (before ?? StartTimes()).arranged(for: numbers)
        }
        groups[number] = group
        return ()
    }

    // MARK: Samples

    private mutating func decodeRow(
        of number: UInt64,
        at timestamp: Int64,
        _ reader: inout ByteReader,
        _ batch: inout SampleBatch
    ) -> Void? {
        guard var group = groups.removeValue(forKey: number) else { return nil }
        guard let changed = reader.slice((group.values.count + 7) / 8) else { return nil }
        for index in group.values.indices {
            if changed[index / 8] & 1 << UInt8(index % 8) != 0 {
                guard let change = reader.varint() else { return nil }
                group.values[index] ^= change.byteSwapped
            }
            let value = Double(bitPattern: group.values[index])
            let start = group.starts?.note(value, of: index, at: timestamp) ?? 0
            guard timestamp >= oldest else {
                batch.tooOld += 1
                continue
            }
            add(group.keys[index], position: index, value, at: timestamp, since: start, &group, &batch)
        }
        groups[number] = group
        return ()
    }

    private mutating func decodeStale(
        of number: UInt64,
        at timestamp: Int64,
        _ reader: inout ByteReader,
        _ batch: inout SampleBatch
    ) -> Void? {
        guard var group = groups[number], let numbers = decodeKeyNumbers(&reader) else { return nil }
        for key in numbers {
            guard let key = keys[key] else { return nil }
            add(key, position: nil, .staleMarker, at: timestamp, since: 0, &group, &batch)
        }
        return ()
    }

    private mutating func add(
        _ key: Key,
        position: Int?,
        _ value: Double,
        at timestamp: Int64,
        since start: Int64,
        _ group: inout Group,
        _ batch: inout SampleBatch
    ) {
        let first = batch.pairs.count
        if treatment.relabelling.isEmpty {
            merge(group.labels, key.labels, into: &batch.pairs)
        } else {
            let outcome = position.flatMap { group.outcomes[$0] } ?? relabel(merged(group.labels, key.labels))
            if let position { group.outcomes[position] = outcome }
            switch outcome {
            case .same: merge(group.labels, key.labels, into: &batch.pairs)
            case .changed(let labels): batch.pairs += labels
            case .dropped:
                batch.relabelled += 1
                return
            }
        }
        var hash: UInt64 = 0
        for pair in batch.pairs[first...] {
            hash = (hash &* 31 &+ symbols.hash(of: pair.name)) &* 31 &+ symbols.hash(of: pair.value)
        }
        batch.samples.append(
            SampleBatch.Sample(
                firstPair: first,
                pairCount: batch.pairs.count - first,
                family: key.family,
                hash: hash ^ hash >> 32,
                value: value,
                timestamp: timestamp,
                startTimestamp: start
            )
        )
    }

    private mutating func relabel(_ labels: [LabelPair]) -> Outcome {
        let before = Labels(labels.map { (symbols.text($0.name), symbols.text($0.value)) })
        guard let after = RelabelRule.apply(treatment.relabelling, to: before), !after.isEmpty else { return .dropped }
        // What begins with two underscores was for the rules only; but the name.
        let kept = after.dropping(
            after.pairs.map(\.name).filter { $0.hasPrefix("__") && $0 != Labels.metricNameLabel }
        )
        return kept == before ? .same : .changed(pairs(kept))
    }

    private func merged(_ left: [LabelPair], _ right: [LabelPair]) -> [LabelPair] {
        var result: [LabelPair] = []
        merge(left, right, into: &result)
        return result
    }

    /// Adds the labels of both, sorted; where both have a name, the second one's counts.
    private func merge(_ left: [LabelPair], _ right: [LabelPair], into output: inout [LabelPair]) {
        var (place, other) = (0, 0)
        while place < left.count, other < right.count {
            if left[place].name == right[other].name {
                output.append(right[other])
                (place, other) = (place + 1, other + 1)
            } else if symbols.precedes(left[place].name, right[other].name) {
                output.append(left[place])
                place += 1
            } else {
                output.append(right[other])
                other += 1
            }
        }
        output += left[place...]
        output += right[other...]
    }
}
