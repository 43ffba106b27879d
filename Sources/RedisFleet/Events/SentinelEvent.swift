import RedisClient

/// A message that a Sentinel has published about what it sees.
///
/// https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#pubsub-messages
struct SentinelEvent: Hashable {
    /// The channel, as in `+switch-master`.
    let channel: String
    /// What was published.
    let text: String
    /// The name of the master it is about; `nil` for what is about no master, such as `+tilt`.
    let masterName: String?
    /// Where a `+switch-master` leads.
    let newMaster: Endpoint?

    /// Channels longer than this are none of a Sentinel's.
    private static let channelLimit = 48
    private static let masterNameLimit = 256

    /// `nil` for a message on a channel that is none of a Sentinel's events.
    init?(channel: String, text: String) {
        let name = channel.utf8
        // What a channel's name is, anybody who may publish there decides.
        guard name.first == UInt8(ascii: "+") || name.first == UInt8(ascii: "-"), name.count <= Self.channelLimit,
            name.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.channel = channel
        self.text = text
        // Of a longer text the rest is of no use, and splitting it costs.
        let words = text.prefix(1024).split(separator: " ")
        var master: Substring?
        if channel == "+switch-master" {
            // <name> <old host> <old port> <new host> <new port>
            guard words.count == 5,
                let address = Endpoint(announcedHost: String(words[3]), port: Int(words[4]))
            else { return nil }
            master = words[0]
            newMaster = address
        } else {
            // master <name> <host> <port> …, or <kind> <name> <host> <port> @ <master> <host> <port> …
            if words.count >= 4, words[0] == "master" {
                master = words[1]
            } else if words.count >= 8, words[4] == "@" {
                master = words[5]
            }
            newMaster = nil
        }
        masterName = master.flatMap { $0.utf8.count <= Self.masterNameLimit ? String($0) : nil }
    }
}
