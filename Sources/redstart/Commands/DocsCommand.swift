import ArgumentParser

/// `redstart docs`: the pages of the documentation that are made from tables, for `make docs`.
struct DocsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Print a page of the documentation.",
        shouldDisplay: false
    )

    @Argument(help: "metrics, options, redis_exporter or man.")
    var page: DocumentationPage

    func run() async throws {
        try StandardOutput.write(page.text)
    }
}

/// A page that is made from tables.
enum DocumentationPage: String, ExpressibleByArgument, CaseIterable {
    case metrics, options
    case exporter = "redis_exporter"
    case manual = "man"

    /// The file in the repository.
    var path: String {
        switch self {
        case .metrics, .options, .exporter: "docs/\(rawValue).md"
        case .manual: "man/redstart.1"
        }
    }

    /// The page as it is to be.
    var text: String {
        switch self {
        case .metrics: MetricsPage.text
        case .options: OptionsPage.text
        case .exporter: ExporterPage.text
        case .manual: ManualPage.text
        }
    }
}

/// Tables of Markdown.
enum MarkdownTable {
    /// A table with its header; cells are escaped.
    static func text(_ header: [String], _ rows: [[String]]) -> String {
        let lines = [header, header.map { _ in "---" }] + rows.map { $0.map(escaped) }
        return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    private static func escaped(_ cell: String) -> String {
        cell.replacing("|", with: "\\|").replacing("\n", with: " ").replacing("<", with: "&lt;")
    }
}
