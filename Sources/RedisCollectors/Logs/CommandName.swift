/// What a command is called in labels: in lower case, with its subcommand as in Commandstats, `config|set`.
enum CommandName {
    /// What does not look like the name of a command.
    static let other = "other"

    private static let lengthLimit = 40
    private static let containers: Set<String> = [
        "acl", "client", "cluster", "command", "commandlog", "config", "function", "latency", "memory", "module",
        "object", "pubsub", "script", "sentinel", "slowlog", "xgroup", "xinfo",
    ]

    /// The name for the first words of a command.
    static func name(first: String, second: String?) -> String {
        let command = first.lowercased()
        guard isPlain(command) else { return other }
        guard containers.contains(command), let subcommand = second?.lowercased(), isPlain(subcommand) else {
            return command
        }
        return command + "|" + subcommand
    }

    private static func isPlain(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.count <= lengthLimit
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default:
                    false
                }
            }
    }
}
