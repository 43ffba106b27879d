/// Columns of text for a terminal.
enum TextTable {
    /// Pads the cells of each row to the widest of their column.
    static func render(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        // A row of one cell is a title, which may be wider than the column below it.
        let widths = (0..<columns).map { column in
            rows.filter { $0.count > 1 && column < $0.count }.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Whatever a template or a server put into a text must not break the table or reach the terminal as a command.
    static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
