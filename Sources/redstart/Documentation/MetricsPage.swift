import Metrics
import RedisCollectors

/// `docs/metrics.md`: every family there is.
enum MetricsPage {
    static var text: String {
        var output = """
            # Metrics

            Every family that Redstart can expose, made by `make docs` from the tables in the code. `redis_` is replaced by
            what `--namespace` says. Of several servers each series says by `instance` whose it is.

            The collectors ask the server; what they find is there if the server has it and the options ask for it
            (`docs/options.md`). *Field* is what the server calls the value: a field of INFO, or a part of another reply.


            """
        let catalog = Watch.Families().catalog
        let collected = Set(CollectorCatalog.all.flatMap { $0.rows.map(\.name) })
        for collector in CollectorCatalog.all {
            output += section("Collector `\(collector.name)`", collector.rows)
        }
        output += section("Redstart about nodes and itself", catalog.rows.filter { !collected.contains($0.name) })
        return output
    }

    private static func section(_ title: String, _ rows: [MetricRow]) -> String {
        guard !rows.isEmpty else { return "" }
        let cells = rows.sorted { $0.name < $1.name }.map { row in
            [
                "`\(row.name)`", row.kind.rawValue, unit(of: row), labels(of: row), row.since,
                row.field.isEmpty ? "" : "`\(row.field)`", row.help,
            ]
        }
        return "## \(title)\n\n"
            + MarkdownTable.text(["Family", "Type", "Unit", "Labels", "Since", "Field", "Meaning"], cells) + "\n"
    }

    private static func labels(of row: MetricRow) -> String {
        let own = row.kind == .histogram ? ["le"] : row.kind == .summary ? ["quantile"] : []
        return (row.labels + own).map { "`\($0)`" }.joined(separator: " ")
    }

    private static func unit(of row: MetricRow) -> String {
        switch row.unit {
        case .none: ""
        case .percent: "percent"
        case .ratio: "ratio"
        case .bytes: "bytes"
        case .kibibytes: "KiB"
        case .seconds: "seconds"
        case .milliseconds: "milliseconds"
        case .microseconds: "microseconds"
        }
    }
}
