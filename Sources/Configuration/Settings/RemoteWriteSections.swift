public import YAML

/// The sections of the file about what is written elsewhere, as they stand there: what they mean is the business of
/// remote write.
public struct RemoteWriteSections: Sendable {
    /// The endpoints of Prometheus' protocol.
    public var remoteWrite: YAMLNode?
    /// The endpoints of OTLP.
    public var otlp: YAMLNode?
    /// Where clocks of alerts are asked for.
    public var alertsForState: YAMLNode?
    /// The most bytes of what waits for them.
    public var queueBytes: Int?

    static let keys: [Key<RemoteWriteSections>] = [
        Key("remote_write", \.remoteWrite, ValueReader.section),
        Key("otlp", \.otlp, ValueReader.section),
        Key("alerts_for_state", \.alertsForState, ValueReader.section),
        Key("remote_write_queue_bytes", \.queueBytes, ValueReader.queueBytes),
    ]

    /// Says nothing.
    public init() {}
}

extension ValueReader {
    private static let smallestQueue = 1 << 20

    /// A queue that has room for some segments.
    func queueBytes(_ node: YAMLNode) throws(YAMLError) -> Int {
        let number = try count(node)
        guard number >= Self.smallestQueue else {
            throw node.error("\(number) is too small", expected: "at least \(Self.smallestQueue) bytes")
        }
        return number
    }
}
