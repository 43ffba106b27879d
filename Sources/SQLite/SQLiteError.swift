import CSQLite

/// Why a database could not be opened, read or written.
public struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is, as far as someone would act on it differently.
    public enum Kind: Hashable, Sendable {
        /// Another process or connection has it.
        case locked
        /// The file or its folder may not be written.
        case readOnly
        /// The disk is full.
        case full
        /// The file is not a database or is damaged.
        case damaged
        /// The file cannot be opened or made.
        case cannotOpen
        /// The disk failed.
        case inputOutput
        /// Anything else, such as a mistake in a statement.
        case other
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// The file, `:memory:` for a database in memory.
    public let path: String
    /// The reason in the words of SQLite.
    public let reason: String
    /// The extended result code of SQLite, <https://www.sqlite.org/rescode.html>.
    public let code: Int32

    init(code: Int32, reason: String, path: String) {
        self.code = code
        self.reason = reason
        self.path = path
        kind = Kind(code: code)
    }

    /// What failed, why, and what to do.
    public var description: String {
        "\(path): \(reason) (SQLite code \(code))\(kind.advice)"
    }
}

extension SQLiteError.Kind {
    fileprivate init(code: Int32) {
        // The low byte is the primary code.
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .locked
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly
        case SQLITE_FULL: self = .full
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: self = .damaged
        case SQLITE_CANTOPEN: self = .cannotOpen
        case SQLITE_IOERR: self = .inputOutput
        default: self = .other
        }
    }

    fileprivate var advice: String {
        switch self {
        case .locked: ". Another process uses it: end that one, or use another folder"
        case .readOnly: ". Give the user that runs this program the right to write the file and its folder"
        case .full: ". Free some space on that disk"
        case .damaged: ". Move the file away or restore it from a backup"
        case .cannotOpen: ". Does the folder exist, and may this user write there?"
        case .inputOutput: ". Look at the system's log for errors of that disk"
        case .other: ""
        }
    }
}
