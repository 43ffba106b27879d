/// A password: kept apart from text, so that no log, error or dump shows it.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The password itself.
    public let value: String

    /// Wraps a password.
    public init(_ value: String) {
        self.value = value
    }

    /// Words in the place of the password.
    public var description: String {
        "(secret)"
    }

    /// Words in the place of the password.
    public var debugDescription: String {
        description
    }

    /// Shows no children.
    public var customMirror: Mirror {
        Mirror(self, children: [])
    }
}
