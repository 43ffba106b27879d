import FoundationEssentials

/// The formats in which a line of the log has fields.
enum LogLine {
    /// One JSON object; of fields of one name the first counts.
    static func json(_ fields: [(key: String, value: String)]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts cannot fail to be encoded.
        let line = try? encoder.encode(Dictionary(fields) { first, _ in first })
        return line.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// `key=value`, as of `https://brandur.org/logfmt`: a value with anything but printable characters without spaces,
    /// `=` and `"` stands in quotes, with the escapes of JSON.
    static func logfmt(_ fields: [(key: String, value: String)]) -> String {
        fields.map { "\(logfmtKey($0.key))=\(logfmtValue($0.value))" }.joined(separator: " ")
    }

    private static func logfmtKey(_ text: String) -> String {
        String(text.map { $0 == " " || $0 == "=" || $0 == "\"" || $0.isNewline ? "_" : $0 })
    }

    private static func logfmtValue(_ text: String) -> String {
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
