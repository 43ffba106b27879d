/// Why state is not kept in the file that was asked for, or not all of it.
public struct StateProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of problem it is; the raw value is for the label of a metric.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The file was damaged or cut off; it was moved aside and a new one begun.
        case damaged
        /// The file is from a later version of the program; it is left as it is.
        case newer
        /// The file is a database of another program; it is left as it is.
        case foreign
        /// Another process has the file.
        case locked
        /// The file or its folder may not be written.
        case readOnly = "read_only"
        /// The disk is full.
        case full
        /// The file cannot be made or opened.
        case cannotOpen = "cannot_open"
        /// Reading or writing failed otherwise.
        case failed
    }

    /// What kind of problem it is.
    public let kind: Kind
    /// What happened, to which file, and what to do.
    public let description: String
    /// Where the broken file is now, if it was moved.
    public internal(set) var movedTo: String?
}

/// How the state file is.
public struct StateStatus: Sendable, Equatable {
    /// The file that was asked for; `nil` when everything is to live in memory.
    public let path: String?
    /// Whether what is written now outlives the process.
    public internal(set) var isPersistent: Bool
    /// What is or was wrong; `nil` when all is well.
    ///
    /// A problem that is over, such as a file that was moved aside, stays here until the process ends.
    public internal(set) var problem: StateProblem?
}
