import RedisClient
import RedisCollectors

/// The rights of a user at a server: which commands it needs, and how they are granted.
enum Rights {
    /// Commands whose first argument is a command of its own.
    private static let containers: Set<String> = [
        "acl", "client", "cluster", "commandlog", "config", "latency", "sentinel", "slowlog", "xinfo",
    ]

    /// What a watch asks in any case, for a server that refuses even INFO.
    static let ofPolls: [Command] = [
        Command("INFO"), Command("PING"), Command("CLIENT", "SETNAME", "redstart"),
        Command("CONFIG", "GET", "maxmemory"), Command("SLOWLOG", "LEN"), Command("SLOWLOG", "GET", "1"),
        Command("LATENCY", "LATEST"), Command("LATENCY", "HISTOGRAM"),
    ]

    /// What the heavy checks that are asked for need, as commands that cost nothing: their key is not there.
    static func ofChecks(_ options: CheckOptions, configCommand: String) -> [Command] {
        var commands: [Command] = []
        func about(_ words: String...) {
            commands.append(Command(arguments: (words + [key]).map { Array($0.utf8) }))
        }
        let patterns = !options.keys.isEmpty || !options.streams.isEmpty
        if !options.countKeys.isEmpty { commands.append(Command("DBSIZE")) }
        if patterns || !options.countKeys.isEmpty { commands.append(Command("SCAN", "0", "COUNT", "1")) }
        if !options.keys.isEmpty || !options.singleKeys.isEmpty {
            for name in ["TYPE", "STRLEN", "LLEN", "SCARD", "ZCARD", "HLEN", "XLEN"] { about(name) }
            if !options.excludesKeyValues { commands.append(Command("GETRANGE", key, "0", "0")) }
        }
        if !options.streams.isEmpty || !options.singleStreams.isEmpty {
            about("TYPE")
            about("XINFO", "STREAM")
            about("XINFO", "GROUPS")
            if !options.excludesConsumers { commands.append(Command("XINFO", "CONSUMERS", key, "none")) }
        }
        if !options.keyGroups.isEmpty { commands.append(Command("EVAL", "return 0", "0")) }
        if !options.scripts.isEmpty {
            commands.append(Command(options.runsScriptsReadOnly ? "EVAL_RO" : "EVAL", "return 0", "0"))
        }
        if options.searchIndexes != nil { commands.append(Command("FT._LIST")) }
        if options.includesRDBFileSize { commands.append(Command(configCommand, "GET", "dir")) }
        return commands
    }

    private static let key = "redstart:doctor:no-such-key"

    /// The command as a person says it, without arguments: `CONFIG GET`.
    static func name(_ command: Command) -> String {
        words(command).joined(separator: " ").uppercased()
    }

    /// What grants the command: `+config|get`.
    static func grant(_ command: Command) -> String {
        "+" + words(command).joined(separator: "|")
    }

    private static func words(_ command: Command) -> [String] {
        let words = command.arguments.prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
        return words.first.map(containers.contains) == true ? words : Array(words.prefix(1))
    }

    /// The line that gives a user the least that is missing.
    ///
    /// - Parameters:
    ///   - refusals: The commands that were refused, each with the server's words.
    ///   - channels: Whether the events of a Sentinel were refused.
    static func grantLine(user: String, _ refusals: [(command: Command, text: String)], channels: Bool) -> String {
        var rights: [String] = []
        for (command, text) in refusals {
            let isAboutKeys = text.contains("access one of the keys") || text.contains("access the")
            let right = isAboutKeys ? "~*" : grant(command)
            if !rights.contains(right) { rights.append(right) }
        }
        // A server looks at keys only after it has found the command allowed.
        let asksForKeys = refusals.contains { $0.command.arguments.contains(Array(key.utf8)) }
        if asksForKeys, !rights.contains("~*") { rights.append("~*") }
        if channels { rights += ["allchannels", "+psubscribe"] }
        return (["ACL SETUSER", user] + rights).joined(separator: " ")
    }
}
