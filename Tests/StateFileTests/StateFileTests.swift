import Glibc
import SQLite
import Synchronization
import TestServers
import Testing

@testable import StateFile

@Suite("The state file")
struct StateFileTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file(StateFile.name) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open() throws -> StateFile {
        try StateFile(directory: directory.path, now: 1_700_000_000_000)
    }

    private func pieces(_ file: StateFile) throws -> [[UInt8]]? {
        try file.history().map { Array($0.pieces) }
    }

    private func replace(_ file: StateFile, _ pieces: [[UInt8]], at time: Int64 = 1) throws {
        try file.replaceHistory(at: time) { (take) throws(SQLiteError) in
            for piece in pieces { try take(piece) }
        }
    }

    @Test("Without a folder everything works in memory, and nothing is wrong")
    func memory() throws {
        let file = try StateFile(directory: nil, now: 0)
        #expect(file.status == StateStatus(path: nil, isPersistent: false, problem: nil))
        try replace(file, [[1]])
        try file.noteAlive(at: 5)
        #expect(try file.history() == nil)
        #expect(try file.lastAlive() == nil)
    }

    @Test("The folder is made, and what was written is there after the next start")
    func persists() throws {
        let deep = directory.file("a/b")
        let many = (0..<300).map { [UInt8](repeating: UInt8($0 % 256), count: 10_000) }
        do {
            let file = try StateFile(directory: deep, now: 0)
            #expect(file.status == StateStatus(path: deep + "/redstart.db", isPersistent: true, problem: nil))
            try file.noteAlive(at: 4)
            try file.noteAlive(at: 7)
            try replace(file, [[1], [2]], at: 5)
            try replace(file, many, at: 6)
        }
        let file = try StateFile(directory: deep, now: 0)
        #expect(try file.lastAlive() == 7)
        #expect(try file.history()?.time == 6)
        #expect(try pieces(file) == many)
        let left = try file.read { (connection) throws(SQLiteError) in
            var count: Int64 = 0
            try connection.query("SELECT count(*) FROM history_piece") { count = $0.integer(0) }
            return count
        }
        #expect(left == 300)
    }

    @Test("A snapshot that was not finished leaves the one before in force, also for the next start")
    func cutOff() throws {
        do {
            let file = try open()
            try replace(file, [[1], [2]])
            let big = [UInt8](repeating: 9, count: 2 << 20)
            #expect(throws: SQLiteError.self) {
                try file.replaceHistory(at: 2) { (take) throws(SQLiteError) in
                    try take(big)
                    try take(big)
                    // As a disk that fails in the midst of it.
                    try Connection(path: "/no/such/folder/a.db").execute("SELECT 1")
                }
            }
            #expect(try pieces(file) == [[1], [2]])
        }
        let file = try open()
        #expect(try pieces(file) == [[1], [2]])
        try replace(file, [[3]])
        #expect(try pieces(file) == [[3]])
    }

    @Test("A second process gets a clear error, works in memory, and leaves the file alone")
    func locked() throws {
        let first = try open()
        try replace(first, [[1]])
        let second = try open()
        #expect(!second.status.isPersistent)
        #expect(second.status.problem?.kind == .locked)
        #expect(
            second.status.problem?.description
                == "the state file \(path) is in use by another process. Is a second redstart running with the same "
                + "--state-dir? Give each its own folder"
        )
        #expect(try pieces(second) == nil)
        #expect(try pieces(first) == [[1]])
    }

    @Test("A damaged file is moved aside, a new one begun, and both are said")
    func damaged() throws {
        try directory.write(String(repeating: "this is no database ", count: 500), to: StateFile.name)
        let file = try open()
        let problem = try #require(file.status.problem)
        #expect(problem.kind == .damaged)
        #expect(problem.movedTo == path + ".broken-1700000000")
        #expect(problem.description.contains("It is now \(path).broken-1700000000"))
        #expect(access(path + ".broken-1700000000", F_OK) == 0)
        #expect(file.status.isPersistent)
        try replace(file, [[1]])
        #expect(try pieces(file) == [[1]])
    }

    @Test("A file cut off at any place is moved aside or still read; the program goes on", arguments: 0..<12)
    func truncated(part: Int) throws {
        do {
            let file = try open()
            try replace(file, (0..<20).map { [UInt8](repeating: UInt8($0), count: 1000) })
        }
        var status = stat()
        stat(path, &status)
        let size = Int(status.st_size)
        #expect(truncate(path, size * part / 12 + (part == 0 ? 50 : 0)) == 0)
        let file = try open()
        #expect(file.status.isPersistent)
        #expect(file.status.problem?.kind == .damaged)
        try replace(file, [[1]])
        #expect(try pieces(file) == [[1]])
    }

    @Test("Two damaged files in the same second keep different names")
    func damagedTwice() throws {
        for number in 1...2 {
            try directory.write(String(repeating: "no database ", count: 500), to: StateFile.name)
            let file = try open()
            let name = path + ".broken-1700000000" + (number == 1 ? "" : "-2")
            #expect(file.status.problem?.movedTo == name)
        }
    }

    @Test("A file of a later version is left as it is")
    func newer() throws {
        _ = try open()
        try Connection(path: path).execute("PRAGMA user_version = 99")
        let file = try open()
        #expect(file.status.problem?.kind == .newer)
        #expect(file.status.problem?.description.contains("has version 99, this program knows up to 2") == true)
        #expect(!file.status.isPersistent)
        #expect(file.status.problem?.movedTo == nil)
        var version: Int64 = 0
        try Connection(path: path).query("PRAGMA user_version") { version = $0.integer(0) }
        #expect(version == 99)
    }

    @Test("A database of another program is left as it is")
    func foreign() throws {
        try Connection(path: path).execute("CREATE TABLE theirs (a)")
        let file = try open()
        #expect(file.status.problem?.kind == .foreign)
        #expect(!file.status.isPersistent)
        try Connection(path: path).execute("INSERT INTO theirs VALUES (1)")
    }

    @Test("A folder that cannot be made is said, and memory serves")
    func noFolder() throws {
        let file = try directory.write("", to: "file")
        let state = try StateFile(directory: file + "/below", now: 0)
        #expect(state.status.problem?.kind == .cannotOpen)
        #expect(state.status.problem?.description.contains("Make it, owned by the user") == true)
        try state.write(now: 0) { (connection) throws(SQLiteError) in try connection.query("DELETE FROM journal") }
    }

    @Test("A file that turns out to be full while running: what is written goes on in memory, with the alerts")
    func full() throws {
        let file = try open()
        try file.write(now: 0) { (connection) throws(SQLiteError) in
            try connection.query(
                "INSERT INTO journal VALUES (1, 1, 'firing', 'A', x'01', x'', NULL, 1, 1, NULL, 'g', 'f')"
            )
            try connection.query("INSERT INTO active_alert VALUES (x'01', 1, 1, 1)")
        }
        try file.read { (connection) throws(SQLiteError) in try connection.execute("PRAGMA max_page_count = 1") }
        // The history can wait for the next time: the file stays in use.
        #expect(throws: SQLiteError.self) { try replace(file, [[UInt8](repeating: 1, count: 200_000)]) }
        #expect(file.status.isPersistent)
        #expect(file.status.problem?.kind == .full)
        let journal = try file.write(now: 0) { (connection) throws(SQLiteError) in
            try connection.query(
                """
                INSERT INTO journal VALUES (2, 1, 'firing', 'A', zeroblob(200000), x'', NULL, 1, 1, NULL, 'g', 'f')
                """
            )
            var count: Int64 = 0
            try connection.query("SELECT (SELECT count(*) FROM journal) * 10 + (SELECT count(*) FROM active_alert)") {
                count = $0.integer(0)
            }
            return count
        }
        #expect(journal == 21)
        #expect(!file.status.isPersistent)
        #expect(file.status.problem?.description.contains("Free some space") == true)
        #expect(!file.returnToFile(at: 3), "it is still full")
        // What happens meanwhile, an end of an alert too, is in the file when there is space again.
        try file.write(now: 0) { (connection) throws(SQLiteError) in
            try connection.query("DELETE FROM active_alert")
            try connection.query(
                "INSERT INTO journal VALUES (3, 2, 'resolved', 'A', x'01', x'', NULL, 1, 1, 2, 'g', 'f')"
            )
        }
        try file.state.withLock { (state) throws(SQLiteError) in
            try state.suspended?.execute("PRAGMA max_page_count = 100000")
        }
        #expect(file.returnToFile(at: 4))
        #expect(file.status == StateStatus(path: path, isPersistent: true, problem: nil))
        #expect(!file.returnToFile(at: 5), "it is there already")
        let kept = try file.read { (connection) throws(SQLiteError) in
            var kept: [Int64] = []
            try connection.query(
                "SELECT count(*), max(id), (SELECT count(*) FROM active_alert), (SELECT time FROM alive) FROM journal"
            ) { row in kept = (0..<4).map { row.integer($0) } }
            return kept
        }
        #expect(kept == [3, 3, 0, 4])
    }
}
