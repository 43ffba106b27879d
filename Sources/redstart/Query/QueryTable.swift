/// A query's value as a table: a column for the name, one for each label, then time and value.
enum QueryTable {
    static func render(_ data: QueryData) -> String {
        switch data.result {
        case .single(let point):
            return TextTable.oneLine(point.value) + "\n"
        case .series(let series):
            guard !series.isEmpty else { return "" }
            let rows = rows(series, hasTimes: data.resultType == "matrix")
            return TextTable.render(rows.map { $0.map(TextTable.oneLine) }).map { $0 + "\n" }.joined()
        }
    }

    private static func rows(_ series: [QueryData.Series], hasTimes: Bool) -> [[String]] {
        let names = Set(series.flatMap(\.labels.keys))
        let columns = names.sorted { ($0 == "__name__" ? "" : $0) < ($1 == "__name__" ? "" : $1) }
        let header = columns.map { $0 == "__name__" ? "METRIC" : $0.uppercased() }
        var rows = [header + (hasTimes ? ["TIME"] : []) + ["VALUE"]]
        for one in series {
            let labels = columns.map { one.labels[$0] ?? "" }
            for point in one.points {
                rows.append(labels + (hasTimes ? [LocalTime.text(point.seconds, .full)] : []) + [point.value])
            }
        }
        return rows
    }
}
