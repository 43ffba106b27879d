/// What is wrong with a YAML text, and where.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place of the text that is wrong.
    public let location: YAMLLocation
    /// What is wrong, in words that stand alone: ``field `fro` is unknown``.
    public let problem: String
    /// What would be right there; empty where the problem says it.
    public let expected: String

    /// Describes a problem at a place.
    public init(at location: YAMLLocation, _ problem: String, expected: String = "") {
        self.location = location
        self.problem = problem
        self.expected = expected
    }

    /// One line: `file:line:column: problem; expected …`.
    public var description: String {
        expected.isEmpty ? "\(location): \(problem)" : "\(location): \(problem); expected \(expected)"
    }
}
