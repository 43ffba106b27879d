import Bytes
import Metrics

/// Writes groups as pieces of a snapshot.
struct SnapshotWriter {
    /// For each key that was written its number.
    private var keyNumbers: [Labels: Int] = [:]
    private var groupCount = 0
    private var sampleCount = 0

    func start() -> [UInt8] {
        SnapshotFormat.closed(SnapshotFormat.magic + [SnapshotFormat.version])
    }

    /// The piece of a group, `nil` for one that has no sample.
    ///
    /// `state` is a copy, whose open block is sealed here, and `index` has its keys.
    mutating func piece(of group: SeriesGroup, state: consuming GroupState, index: SeriesIndex) -> [UInt8]? {
        state.seal()
        guard !state.blocks.isEmpty else { return nil }
        var newKeys: [Labels] = []
        var columns: [UInt8] = []
        columns.appendVarint(UInt64(state.columns.count))
        for column in state.columns {
            guard column.key != Column.noKey, column.blockEnd > state.firstBlock,
                let labels = index.labels(of: column.key)
            else {
                columns.appendVarint(0)
                continue
            }
            let number = keyNumbers[labels] ?? keyNumbers.count
            if number == keyNumbers.count {
                keyNumbers[labels] = number
                newKeys.append(labels)
            }
            columns.appendVarint(UInt64(number + 1))
        }
        var piece: [UInt8] = [SnapshotFormat.group]
        piece.reserveCapacity(state.blockBytes + columns.count + 1024)
        piece.appendVarint(UInt64(newKeys.count))
        for key in newKeys {
            Self.append(key, to: &piece)
        }
        Self.append(group.labels, to: &piece)
        piece += columns
        piece.appendVarint(UInt64(state.blocks.count))
        for block in state.blocks {
            let bytes = block.bytes.dropLast(SealedBlock.padding.count)
            piece.appendVarint(UInt64(bytes.count))
            piece += bytes
            sampleCount += block.sampleCount
        }
        groupCount += 1
        return SnapshotFormat.closed(piece)
    }

    func end() -> [UInt8] {
        var piece: [UInt8] = [SnapshotFormat.end]
        piece.appendVarint(UInt64(groupCount))
        piece.appendVarint(UInt64(sampleCount))
        return SnapshotFormat.closed(piece)
    }

    private static func append(_ labels: Labels, to output: inout [UInt8]) {
        output.appendVarint(UInt64(labels.count))
        labels.withEachPair { name, value in
            output.appendRun(name)
            output.appendRun(value)
        }
    }
}
