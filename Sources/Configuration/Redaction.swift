/// Keeps secrets out of what is printed about arguments and files.
public enum Redaction {
    /// The text with whatever stands between `://` and the last `@` of a word left out.
    public static func withoutCredentials(_ text: String) -> String {
        var output = ""
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            output += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let word = rest.prefix { !$0.isWhitespace && $0 != "'" && $0 != "\"" }
            if let at = word.lastIndex(of: "@") {
                output += "…"
                rest = rest[at...]
            }
        }
        return output + rest
    }
}
