public import SQLite
import Synchronization

extension StateFile {
    /// Bytes that one transaction takes, beyond one piece: so that alerts do not wait long for the disk.
    private static let batchBytes = 1 << 20
    /// Pieces that one transaction removes.
    private static let removedAtOnce: Int64 = 64

    /// Replaces the snapshot of the history; does nothing in memory.
    ///
    /// `produce` calls `take` with each piece. The pieces are written in small transactions beside the snapshot before,
    /// which stays the valid one until the last piece is there: whoever is killed meanwhile has that one.
    /// - Throws: `SQLiteError` when the file fails; the snapshot before is still there then.
    public func replaceHistory(
        at time: Int64,
        _ produce: (_ take: (_ piece: [UInt8]) throws(SQLiteError) -> Void) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        guard status.isPersistent else { return }
        let newest = try read { (connection) throws(SQLiteError) in
            var newest: Int64 = 0
            try connection.query(
                """
                SELECT max(coalesce((SELECT max(generation) FROM history), 0),
                    coalesce((SELECT max(generation) FROM history_piece), 0))
                """
            ) { newest = $0.integer(0) }
            return newest
        }
        let generation = newest + 1
        // What an attempt that was cut off has left.
        try removePieces(butOf: try completeGeneration())
        var batch = Batch(generation: generation)
        try produce { (piece) throws(SQLiteError) in
            batch.append(piece)
            if batch.bytes >= Self.batchBytes { try write(&batch) }
        }
        try write(&batch)
        let count = batch.next
        try writeToFile { (connection) throws(SQLiteError) in
            try connection.query("DELETE FROM history")
            let row: [SQLiteValue] = [.integer(generation), .integer(time), .integer(count)]
            try connection.query("INSERT INTO history VALUES (?1, ?2, ?3)", row)
        }
        try removePieces(butOf: generation)
        noteRecovery()
    }

    /// When the snapshot of the history was taken, milliseconds since 1970, and its pieces; `nil` if there is none.
    ///
    /// The pieces are read one by one as they are asked for. One that cannot be read ends the sequence, which the
    /// reader of the pieces then finds incomplete.
    public func history() throws(SQLiteError) -> (time: Int64, pieces: HistoryPieces)? {
        let found = try read { (connection) throws(SQLiteError) in
            var found: (generation: Int64, time: Int64, pieces: Int64)?
            try connection.query("SELECT generation, time, pieces FROM history ORDER BY generation DESC LIMIT 1") {
                found = ($0.integer(0), $0.integer(1), $0.integer(2))
            }
            return found
        }
        return found.map { ($0.time, HistoryPieces(file: self, generation: $0.generation, count: $0.pieces)) }
    }

    private struct Batch {
        let generation: Int64
        var next: Int64 = 0
        var pieces: [[UInt8]] = []
        var bytes = 0

        init(generation: Int64) {
            self.generation = generation
        }

        mutating func append(_ piece: [UInt8]) {
            pieces.append(piece)
            bytes += piece.count
        }
    }

    private func write(_ batch: inout Batch) throws(SQLiteError) {
        let (generation, first, pieces) = (batch.generation, batch.next, batch.pieces)
        try writeToFile { (connection) throws(SQLiteError) in
            for (index, piece) in pieces.enumerated() {
                let row: [SQLiteValue] = [.integer(generation), .integer(first + Int64(index)), .blob(piece)]
                try connection.query("INSERT INTO history_piece VALUES (?1, ?2, ?3)", row)
            }
        }
        batch.next += Int64(pieces.count)
        batch.pieces = []
        batch.bytes = 0
    }

    private func completeGeneration() throws(SQLiteError) -> Int64 {
        try read { (connection) throws(SQLiteError) in
            var generation: Int64 = 0
            try connection.query("SELECT max(generation) FROM history") { generation = $0.integer(0) }
            return generation
        }
    }

    private func removePieces(butOf generation: Int64) throws(SQLiteError) {
        let values: [SQLiteValue] = [.integer(generation), .integer(Self.removedAtOnce)]
        let removed = Mutex(0)
        repeat {
            removed.withLock { $0 = 0 }
            try writeToFile { (connection) throws(SQLiteError) in
                try connection.query(
                    """
                    DELETE FROM history_piece WHERE rowid IN
                        (SELECT rowid FROM history_piece WHERE generation <> ?1 LIMIT ?2)
                    """,
                    values
                )
                let count = connection.changedRows
                removed.withLock { $0 = count }
            }
        } while removed.withLock { $0 } > 0
    }
}

/// The pieces of a snapshot, in the order in which they were written.
public struct HistoryPieces: Sequence, IteratorProtocol, Sendable {
    private let file: StateFile
    private let generation: Int64
    private let count: Int64
    private var number: Int64 = 0

    init(file: StateFile, generation: Int64, count: Int64) {
        self.file = file
        self.generation = generation
        self.count = count
    }

    /// The next piece; `nil` after the last one, or when it cannot be read.
    public mutating func next() -> [UInt8]? {
        guard number < count else { return nil }
        let values: [SQLiteValue] = [.integer(generation), .integer(number)]
        number += 1
        return try? file.read { (connection) throws(SQLiteError) in
            var piece: [UInt8]?
            try connection.query("SELECT bytes FROM history_piece WHERE generation = ?1 AND number = ?2", values) {
                piece = $0.blob(0)
            }
            return piece
        }
    }
}
