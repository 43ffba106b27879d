import Metrics
import PromQL

extension NotifiedAlert {
    /// What an entry of the journal is to receivers; `nil` where it is nothing to them.
    init?(_ entry: JournalEntry, groups: [RuleGroupEvaluation], externals: TemplateExternals) {
        guard entry.kind == .firing || entry.kind == .resolved else { return nil }
        let name = entry.labels["alertname"] ?? ""
        let rules = groups.first { $0.group.name == entry.group && $0.group.file == entry.file }?.rules ?? []
        let expression = rules.first { $0.rule.name == name }?.rule.query.text ?? ""
        self.init(
            key: entry.labels,
            // As in Prometheus: what an alert has itself stays.
            labels: externals.labels.merging(entry.labels),
            annotations: entry.annotations,
            value: entry.value,
            startsAt: entry.firedAt ?? entry.activeAt,
            endsAt: entry.kind == .resolved ? entry.resolvedAt ?? entry.timestampMilliseconds : nil,
            generatorURL: externals.url
                + (expression.isEmpty ? "" : "/api/v1/query?query=" + expression.queryEscaped)
        )
    }
}

extension String {
    /// As the value of an item of a query.
    fileprivate var queryEscaped: String {
        var output = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                output.unicodeScalars.append(UnicodeScalar(byte))
            default:
                output += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return output
    }
}
