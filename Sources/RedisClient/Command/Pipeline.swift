import NIOCore

/// Commands that are sent together, encoded once and sent as often as needed.
///
/// Only commands with exactly one reply each: no subscriptions, no `MONITOR`.
public struct Pipeline: Sendable {
    /// The commands in the order of their replies.
    public let commands: [Command]
    let bytes: ByteBuffer

    /// Encodes the commands.
    public init(_ commands: [Command]) {
        var encoded: [UInt8] = []
        for command in commands {
            command.encode(into: &encoded)
        }
        self.commands = commands
        bytes = ByteBuffer(bytes: encoded)
    }

    /// The bytes that one sending takes.
    public var byteCount: Int {
        bytes.readableBytes
    }
}
