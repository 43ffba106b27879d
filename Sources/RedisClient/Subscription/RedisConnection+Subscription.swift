public import NIOCore

extension RedisConnection {
    /// Subscribes to all channels that match a pattern; the connection serves nothing else from then on.
    ///
    /// The stream ends by throwing a `RedisError` when the connection ends, and ends the connection when nobody holds
    /// it any more. A subscriber who lets more than `bufferLimit` messages wait loses the subscription (reason
    /// `limit`), so that a gap is never unnoticed.
    ///
    /// - Parameters:
    ///   - pattern: As of `PSUBSCRIBE`; `*` for all.
    ///   - bufferLimit: How many messages may wait.
    ///   - deadline: For the server's confirmation.
    public func subscribe(
        toPattern pattern: String,
        bufferLimit: Int = 1024,
        deadline: NIODeadline
    ) async throws(RedisError) -> MessageStream {
        let (stream, messages) = MessageStream.makeStream(bufferingPolicy: .bufferingOldest(bufferLimit))
        messages.onTermination = { _ in self.close() }
        let pipeline = Pipeline([Command("PSUBSCRIBE", pattern)])
        let result = await execute(pipeline, deadline: deadline, messages: messages)
        if let failure = result.failure { throw failure }
        if let refusal = result.replies[0].errorText {
            close()
            throw RedisError(refusedSubscription: refusal, address: address)
        }
        return stream
    }
}
