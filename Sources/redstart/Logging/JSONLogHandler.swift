import FoundationEssentials
import Logging

/// Writes each message as one JSON object on a line of standard error: `time`, `level`, `module`, `msg`, and
/// the metadata.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    private let module: String
    private let write: @Sendable (String) -> Void

    /// A handler for one module; `write` gets whole lines.
    init(module: String, write: @escaping @Sendable (String) -> Void) {
        self.module = module
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { _, own in own }.mapValues(\.description)
        fields["time"] = Date.now.formatted(.iso8601)
        fields["level"] = event.level.rawValue
        fields["module"] = module
        fields["msg"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(fields) else { return }
        write(String(decoding: line, as: UTF8.self) + "\n")
    }
}
