/// Names of any characters, written with those of old: letters, digits and underscores.
///
/// The scheme is "value encoding" of Prometheus: `U__`, then `__` for an underscore and `_XX_` for a character by its
/// code in hexadecimal (<https://prometheus.io/docs/instrumenting/escaping_schemes/>).
enum EscapedName {
    /// The name that an escaped one stands for; any other text, and one that is escaped wrongly, stands for itself.
    static func original(of text: String) -> String {
        let prefix = "U__"
        guard text.hasPrefix(prefix) else { return text }
        var rest = text.unicodeScalars.dropFirst(prefix.count)
        var result = ""
        while let scalar = rest.popFirst() {
            guard scalar == "_" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "_" {
                rest.removeFirst()
                result += "_"
                continue
            }
            guard let end = rest.firstIndex(of: "_"), let code = UInt32(String(rest[..<end]), radix: 16),
                let escaped = Unicode.Scalar(code)
            else { return text }
            result.unicodeScalars.append(escaped)
            rest = rest[rest.index(after: end)...]
        }
        return result
    }

    /// The name with an underscore for each character that old names cannot have.
    static func underscored(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            let isAllowed = isLetter || scalar == "_" || scalar == ":" || (isDigit && !result.isEmpty)
            result.unicodeScalars.append(isAllowed ? scalar : "_")
        }
        return result
    }
}
