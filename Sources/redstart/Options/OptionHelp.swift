/// The text of `--help`, made from the table.
struct OptionHelp: Sendable {
    private static let width = 100
    private static let indent = 6

    let command: OptionRow.Command
    let abstract: String
    /// What stands between the usage and the options, in paragraphs.
    let discussion: String

    /// The whole text.
    var text: String {
        var output = "\(abstract)\n\nUSAGE: redstart \(command.rawValue) [OPTION…] [TARGET…]\n\n"
        output += Self.wrapped(Self.targets, indent: 0) + "\n"
        for paragraph in discussion.split(separator: "\n\n") {
            output += Self.wrapped(String(paragraph), indent: 0) + "\n"
        }
        output += Self.wrapped(Self.form, indent: 0)
        for section in OptionRow.Section.allCases {
            let rows = OptionTable.all.filter { $0.section == section && $0.commands.contains(command) }
            guard !rows.isEmpty else { continue }
            output += "\n\(section.rawValue):\n"
            for row in rows {
                output += "  \(row.usage)\n" + Self.wrapped(row.fullHelp, indent: Self.indent)
            }
        }
        return output
    }

    /// What stands behind the options.
    static let targets = """
        TARGET is redis://[user:password@]host:port, rediss://…, unix:///path or host:port; \
        sentinel://host:26379,host2:26379/mymaster finds the Sentinels, the master and its replicas (all masters \
        without a name), cluster://host:port all nodes of a cluster.
        """

    static let form = """
        Options have one dash or two, and a value behind = or a space. Each can be set by the variable in brackets too; \
        the command line comes first.
        """

    /// The words of a text in lines of at most `width` characters.
    static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var output = ""
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                output += line + "\n"
                line = margin
            }
            line += line.count > indent ? " \(word)" : "\(word)"
        }
        return output + line + "\n"
    }
}

extension OptionTable {
    /// The options of the daemon by name with their values, as Prometheus shows its flags; without secrets.
    static func flags(_ options: Options) -> [String: String] {
        let rows = all.filter { $0.commands.contains(.serve) }
        let defaults = rows.map {
            ($0.name, $0.argument == .toggle && $0.defaultText.isEmpty ? "false" : $0.defaultText)
        }
        return Dictionary(defaults) { first, _ in first }.merging(options.shownValues) { _, given in given }
    }
}

extension OptionRow {
    /// `--poll-interval <duration>`.
    var usage: String {
        switch argument {
        case .toggle: "--\(name)"
        case .value(let word), .values(let word): "--\(name) <\(word)>"
        }
    }

    /// The help with default and variable.
    var fullHelp: String {
        var text = help
        if let alias { text += " Also --\(alias)." }
        if !defaultText.isEmpty { text += " (default: \(defaultText))" }
        if let variable { text += " [\(variable)]" }
        return text
    }
}
