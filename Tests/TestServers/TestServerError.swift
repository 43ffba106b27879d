/// Why a server for a test could not be started.
public struct TestServerError: Error, CustomStringConvertible, Sendable {
    /// What failed and, where there is one, the end of the server's log.
    public let description: String

    /// Says what went wrong.
    public init(_ description: String) {
        self.description = description
    }
}
