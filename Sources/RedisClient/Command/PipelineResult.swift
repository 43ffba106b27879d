/// What came of a pipeline: the replies, and why there are fewer of them than commands, if so.
public struct PipelineResult: Sendable {
    /// The replies in the order of the commands.
    ///
    /// Error replies are among them, as values.
    public let replies: ReplyTape
    /// Why the replies end early; the connection is then closed.
    ///
    /// `nil` when every command has its reply.
    public let failure: RedisError?
    /// The bytes of the complete replies, as they came from the server.
    public let bytesReceived: Int
    /// The bytes of the commands, zero when nothing was sent.
    public let bytesSent: Int
    /// From the sending to the last reply or the failure.
    public let roundTrip: Duration
}
