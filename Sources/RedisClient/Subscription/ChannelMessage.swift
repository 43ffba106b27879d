/// A message of a subscription to a pattern of channels.
public struct ChannelMessage: Hashable, Sendable {
    /// The channel, as in `+switch-master`.
    public let channel: String
    /// What was published; bytes that are not UTF-8 are replaced.
    public let payload: String

    /// Reads `["pmessage", pattern, channel, payload]`; `nil` for any other reply.
    init?(_ reply: Reply) {
        guard reply.count == 4 else { return nil }
        let parts = reply.elements.map(\.text)
        guard parts[0] == "pmessage" else { return nil }
        channel = parts[2]
        payload = parts[3]
    }
}

/// Messages in the order of arrival; it ends by throwing a `RedisError`.
public typealias MessageStream = AsyncThrowingStream<ChannelMessage, any Error>
