import FoundationEssentials
import Logging

/// Writes each message as one line of `key=value` on standard error: `time`, `level`, `module`, `msg`, and the metadata.
///
/// As of `https://brandur.org/logfmt`: a value with anything but printable characters without spaces, `=` and `"` stands
/// in quotes, with the escapes of JSON.
struct LogfmtLogHandler: LogHandler {
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
        let facts = metadata.merging(event.metadata ?? [:]) { _, own in own }
        var fields = [
            ("time", Date.now.formatted(.iso8601)), ("level", event.level.rawValue), ("module", module),
            ("msg", event.message.description),
        ]
        fields += facts.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        write(fields.map { "\(Self.key($0))=\(Self.value($1))" }.joined(separator: " ") + "\n")
    }

    private static func key(_ text: String) -> String {
        String(text.map { $0 == " " || $0 == "=" || $0 == "\"" || $0.isNewline ? "_" : $0 })
    }

    private static func value(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && scalar.value != 0x7F && scalar != "=" && scalar != "\"" && scalar != "\\"
        }
        guard !isPlain || text.isEmpty else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
