/// A text that names nothing to watch.
public struct InvalidTarget: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: what is wrong, what was expected; never with credentials.
    public let message: String

    /// The message.
    public var description: String {
        message
    }
}
