import FoundationEssentials
import Logging

/// Writes each message as one line of fields on standard error: `time`, `level`, `module`, `msg`, and the metadata.
struct FieldLogHandler: LogHandler {
    /// The fields of a line, and how they are written.
    typealias Line = @Sendable (_ fields: [(key: String, value: String)]) -> String

    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    private let module: String
    private let line: Line
    private let write: @Sendable (String) -> Void

    /// A handler for one module; `write` gets whole lines.
    init(module: String, line: @escaping Line, write: @escaping @Sendable (String) -> Void) {
        self.module = module
        self.line = line
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let own = [
            ("time", Date.now.formatted(.iso8601)), ("level", event.level.rawValue), ("module", module),
            ("msg", event.message.description),
        ]
        let facts = metadata.merging(event.metadata ?? [:]) { _, own in own }
            .map { ($0.key, $0.value.description) }
        write(line(own + facts.sorted { $0.0 < $1.0 }) + "\n")
    }
}
