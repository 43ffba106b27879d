import ArgumentParser

/// `man/redstart.1`, in the macros of man(7).
enum ManualPage {
    static var text: String {
        var output = """
            .\\" Made by "make docs" from the table of options.
            .TH REDSTART 1 "" "redstart \(Version.current)" "User Commands"
            .SH NAME
            redstart \\- watch Redis and Valkey, and tell what is wrong with them
            .SH SYNOPSIS

            """
        for command in OptionRow.Command.allCases {
            output += ".B redstart \(command.rawValue)\n.RI [ option ...]\n.RI [ target ...]\n.br\n"
        }
        output += ".SH DESCRIPTION\n"
        for command in Redstart.tableCommands {
            let words = [command.configuration.abstract, command.configuration.discussion].filter { !$0.isEmpty }
            output += ".TP\n.B redstart \(command.name.rawValue)\n"
            output += escaped(words.joined(separator: "\n\n")).replacing("\n\n", with: "\n.IP\n") + "\n"
        }
        output += ".PP\n\(escaped(OptionHelp.targets))\n"
        output += ".SH OPTIONS\n\(escaped(OptionHelp.form))\n"
        for section in OptionRow.Section.allCases {
            output += ".SS \(escaped(section.rawValue))\n"
            for row in OptionTable.all where row.section == section {
                output += entry(row)
            }
        }
        output += """
            .SH FILES
            .TP
            .I redstart.db
            The state, in the folder of
            .BR \\-\\-state\\-dir .
            .SH SEE ALSO
            .BR redis\\-cli (1),
            .BR promtool (1)

            """
        return output
    }

    private static func entry(_ row: OptionRow) -> String {
        var output = ".TP\n"
        switch row.argument {
        case .toggle: output += ".B \\-\\-\(escaped(row.name))\n"
        case .value(let word), .values(let word): output += ".BI \\-\\-\(escaped(row.name)) \" \(word)\"\n"
        }
        output += escaped(row.help)
        if !row.defaultText.isEmpty { output += " Default: \(escaped(row.defaultText))." }
        if let variable = row.variable { output += "\nVariable:\n.BR \(variable) ." }
        return output + "\n"
    }

    /// Keeps what the text has: backslashes, dashes, and dots and quotes in front of a line, which are requests.
    static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("…", with: "...")
        return plain.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }.joined(separator: "\n")
    }
}
