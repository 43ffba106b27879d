/// Texts that would do harm if a page took them for markup.
struct HostileNames {
    /// The name of a socket: whatever a file may be called.
    let path = "\"'><img src=x onerror=hostile=1>"
    /// CLIENT SETNAME takes no spaces.
    let client = "\"'><svg/onload=hostile=1></script><script>hostile=1</script>&lt;"
    /// In the option a second `=` would be one too many, and `+` a space.
    let key = "\"'></td><script>hostile--</script>key"
    let argument = "</td><script>hostile=1</script>argument"
    /// 10 KB.
    let long = String(repeating: "<script>hostile=1</script>\"'&amp;", count: 10_240 / 32)

    /// As much of it as is shown in any place.
    var start: String { String(long.prefix(26)) }

    /// What a client says that has the name, and uses the key and the argument.
    var commands: String {
        let commands = [
            ["CLIENT", "SETNAME", client], ["CLIENT", "SETINFO", "LIB-NAME", client], ["SET", key, "1"],
            ["ECHO", argument],
        ]
        return commands.map { words in
            "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        }.joined()
    }

    /// A text of YAML in quotes.
    static func yaml(_ text: String) -> String {
        "'\(text.replacing("'", with: "''"))'"
    }

    /// A text as the value of a label in the format of Prometheus.
    static func label(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// A text of JavaScript in quotes.
    static func script(_ text: String) -> String {
        "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }

    /// A part of an address.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                String(Unicode.Scalar(byte))
            default: (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
