import SQLite
import TestServers
import Testing

@Suite("A connection to a database")
struct ConnectionTests {
    @Test("What is written is read again, of every type, empty and odd ones too")
    func values() throws {
        let connection = try Connection(path: Connection.inMemory)
        try connection.execute("CREATE TABLE t (a, b, c, d, e)")
        let rows: [[SQLiteValue]] = [
            [.null, .integer(.min), .real(-0.5), .text("ä\0b"), .blob([0, 255])],
            [.integer(.max), .real(.infinity), .text(""), .blob([]), .null],
        ]
        for row in rows { try connection.query("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)", row) }
        var read: [[SQLiteValue]] = []
        try connection.query("SELECT * FROM t ORDER BY rowid") { read.append($0.values) }
        #expect(read == rows)
        try connection.query("UPDATE t SET a = ?1", [.real(.nan)])
        #expect(connection.changedRows == 2)
        var nulls = 0
        try connection.query("SELECT a FROM t") { nulls += $0.isNull(0) ? 1 : 0 }
        #expect(nulls == 2)
    }

    @Test("A transaction that fails leaves nothing behind")
    func transaction() throws {
        let connection = try Connection(path: Connection.inMemory)
        try connection.execute("CREATE TABLE t (a UNIQUE)")
        #expect(throws: SQLiteError.self) {
            try connection.transaction { () throws(SQLiteError) in
                try connection.query("INSERT INTO t VALUES (1)")
                try connection.query("INSERT INTO t VALUES (1)")
            }
        }
        try connection.transaction { () throws(SQLiteError) in try connection.query("INSERT INTO t VALUES (2)") }
        var values: [Int64] = []
        try connection.query("SELECT a FROM t") { values.append($0.integer(0)) }
        #expect(values == [2])
        #expect(connection.lastInsertedRow > 0)
    }

    @Test("A wrong statement is an error that names the file and the mistake")
    func wrongStatement() throws {
        let connection = try Connection(path: Connection.inMemory)
        let error = try #require(throws: SQLiteError.self) { try connection.query("SELECT missing") }
        #expect(error.kind == .other)
        #expect(error.description == ":memory:: no such column: missing (SQLite code 1)")
    }

    @Test("A file that is kept locked cannot be opened a second time, and can after the first has gone")
    func exclusive() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.db")
        let options = Connection.Options(busyTimeoutMilliseconds: 1, isExclusive: true)
        do {
            let first = try Connection(path: path, options: options)
            try first.execute("CREATE TABLE t (a)")
            let error = try #require(throws: SQLiteError.self) { _ = try Connection(path: path, options: options) }
            #expect(error.kind == .locked)
            #expect(error.description.contains("Another process uses it"))
        }
        let second = try Connection(path: path, options: options)
        try second.execute("INSERT INTO t VALUES (1)")
    }

    @Test("A full database, a file that is none and a folder that is not there are told apart")
    func failures() throws {
        let directory = try TemporaryDirectory()
        let connection = try Connection(path: Connection.inMemory)
        try connection.execute("CREATE TABLE t (a); PRAGMA max_page_count = 5")
        let full = try #require(throws: SQLiteError.self) {
            try connection.query("INSERT INTO t VALUES (zeroblob(100000))")
        }
        #expect(full.kind == .full)
        try connection.execute("PRAGMA query_only = 1")
        let readOnly = try #require(throws: SQLiteError.self) { try connection.query("INSERT INTO t VALUES (1)") }
        #expect(readOnly.kind == .readOnly)
        #expect(readOnly.description.contains("Give the user that runs this program the right to write"))
        let text = try directory.write(String(repeating: "no database ", count: 100), to: "text.db")
        let damaged = try #require(throws: SQLiteError.self) { _ = try Connection(path: text) }
        #expect(damaged.kind == .damaged)
        let missing = try #require(throws: SQLiteError.self) { _ = try Connection(path: directory.file("no/a.db")) }
        #expect(missing.kind == .cannotOpen)
        #expect(missing.description.contains("Does the folder exist"))
    }
}
