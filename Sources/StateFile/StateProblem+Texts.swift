import SQLite

extension StateProblem {
    init(_ error: SQLiteError) {
        kind =
            switch error.kind {
            case .locked: .locked
            case .readOnly: .readOnly
            case .full: .full
            case .damaged: .damaged
            case .cannotOpen: .cannotOpen
            case .inputOutput, .other: .failed
            }
        movedTo = nil
        description =
            switch error.kind {
            case .locked:
                "the state file \(error.path) is in use by another process. Is a second redstart running with the same "
                    + "--state-dir? Give each its own folder"
            default: "the state file \(error)"
            }
    }

    static func newer(_ path: String, version: Int64) -> StateProblem {
        StateProblem(
            kind: .newer,
            description: "the state file \(path) has version \(version), this program knows up to \(Schema.version). "
                + "Use the later program again, or move the file away"
        )
    }

    static func foreign(_ path: String) -> StateProblem {
        StateProblem(
            kind: .foreign,
            description: "the state file \(path) is a database of another program. Give --state-dir a folder of its own"
        )
    }

    static func damaged(_ path: String, _ what: String) -> StateProblem {
        StateProblem(kind: .damaged, description: "the state file \(path) is damaged: \(what)")
    }

    /// The same problem after the file was moved.
    func moved(to path: String) -> StateProblem {
        StateProblem(
            kind: kind,
            description: "\(description). It is now \(path)",
            movedTo: path
        )
    }

    private init(kind: Kind, description: String) {
        self.init(kind: kind, description: description, movedTo: nil)
    }
}
