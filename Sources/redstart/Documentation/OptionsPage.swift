/// `docs/options.md`: every option of the table.
enum OptionsPage {
    static var text: String {
        var output = """
            # Options

            Every option of `redstart serve`, `check`, `metrics` and `discover`, made by `make docs` from the table in the code; those
            with a dot or with a variable `REDIS_…` are redis_exporter's and mean the same.

            \(OptionHelp.wrapped(OptionHelp.form, indent: 0))
            Lengths of time are written as in Go and Prometheus: `500ms`, `15s`, `1h30m`, `7d`.


            """
        for section in OptionRow.Section.allCases {
            let rows = OptionTable.all.filter { $0.section == section }
            output += "## \(section.rawValue)\n\n"
            output += MarkdownTable.text(["Option", "Variable", "Default", "Commands", ""], rows.map(cells)) + "\n"
        }
        return output
    }

    private static func cells(_ row: OptionRow) -> [String] {
        [
            "`\(row.usage)`", row.variable.map { "`\($0)`" } ?? "",
            row.defaultText.isEmpty ? "" : "`\(row.defaultText)`",
            OptionRow.Command.allCases.filter(row.commands.contains).map(\.rawValue).joined(separator: ", "),
            row.help,
        ]
    }
}
