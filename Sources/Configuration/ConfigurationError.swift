public import Files
public import YAML

/// Why a configuration cannot be used.
public enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read.
    case unreadable(FileError)
    /// A mistake in the file and its place.
    case invalid(YAMLError)
    /// A target that cannot be watched, and where it was given: `redstart.yml:3:14` or the command line.
    case target(origin: String, problem: String)

    /// One line, without credentials: where, what is wrong, what was expected.
    public var description: String {
        switch self {
        case .unreadable(let error): error.description
        case .invalid(let error): Redaction.withoutCredentials(error.description)
        case .target(let origin, let problem): Redaction.withoutCredentials("\(origin): \(problem)")
        }
    }
}
