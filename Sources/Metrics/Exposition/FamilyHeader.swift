/// The lines above the samples of a family.
enum FamilyHeader {
    /// Help and type in the Prometheus text format.
    static func prometheusText(of family: FamilyID, in catalog: MetricCatalog) -> String {
        let row = catalog[family]
        let name = catalog.name(of: family)
        let type = row.kind == .unknown ? "untyped" : row.kind.rawValue
        return "# HELP \(name) \(escaped(row.help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    /// Type, unit and help in OpenMetrics, and the role of the samples that stand below; `nil` for all of the family.
    ///
    /// OpenMetrics wants a counter's name to end in `_total` and leaves that out of the family's name. A counter whose
    /// inherited name has no such ending becomes `unknown`, so that the series keeps its name. So does a summary
    /// whose quantiles are percentages; an `unknown` family has only samples of its own name, so that is three.
    ///
    /// There is no `_created`: a server does not tell when CONFIG RESETSTAT set its counters to zero, and Prometheus
    /// would take it for a series, one that the text format has not.
    static func openMetrics(of family: FamilyID, in catalog: MetricCatalog) -> [(text: String, role: SampleRole?)] {
        let row = catalog[family]
        let name = catalog.name(of: family)
        if row.hasPercentileQuantiles {
            return [SampleRole.value, .sum, .count].map { role in
                (openMetrics(name + role.nameSuffix, .unknown, row), role)
            }
        }
        guard row.kind == .counter else { return [(openMetrics(name, row.kind, row), nil)] }
        guard name.hasSuffix("_total") else { return [(openMetrics(name, .unknown, row), nil)] }
        return [(openMetrics(String(name.dropLast("_total".count)), .counter, row), nil)]
    }

    private static func openMetrics(_ name: String, _ kind: MetricKind, _ row: MetricRow) -> String {
        var header = "# TYPE \(name) \(kind.rawValue)\n"
        if let unit = row.unit.suffix, name.hasSuffix("_" + unit) {
            header += "# UNIT \(name) \(unit)\n"
        }
        return header + "# HELP \(name) \(escaped(row.help, quotes: true))\n"
    }

    private static func escaped(_ help: String, quotes: Bool) -> String {
        var output = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\"" where quotes: output += "\\\""
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
