import Metrics

/// The lines of the section Modules of INFO:
/// `module:name=vectorset,ver=1,api=1,filters=0,usedby=[],using=[],options=[…]`; only with `includeModulesMetrics`.
enum InfoModuleLines: Int, MetricFamilies {
    case module

    /// No server has more modules.
    static let limit = 128

    private static let labels = ["name", "ver", "api", "filters", "usedby", "using"]

    var row: MetricRow {
        MetricRow(
            "module", "redis_module_info", .gauge, labels: Self.labels, since: "Redis 5.0",
            help: "One, with what the server says about a module that is loaded."
        )
    }

    /// The places of the labels' values, in the order of the labels; `nil` where there is no name.
    static func values(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [Range<Int>]? {
        var values = [Range<Int>](repeating: 0..<0, count: labels.count)
        var pairs = PairWalker(range)
        while let pair = pairs.next(in: bytes) {
            if let label = labels.firstIndex(where: { bytes.equals(text: $0, in: pair.name) }) {
                values[label] = pair.value
            }
        }
        return values[0].isEmpty ? nil : values
    }
}

extension FamilyTable<InfoModuleLines> {
    /// Adds the sample of one line.
    func add(_ bytes: Span<UInt8>, _ line: InfoLine, to buffer: inout SampleBuffer, _ skips: inout ParseSkips) {
        guard let values = InfoModuleLines.values(bytes, line.value) else {
            skips.add(.malformed)
            return
        }
        let labels = buffer.labelStart
        for value in values {
            buffer.addLabel(bytes.extracting(value))
        }
        buffer.append(self[.module], labelsFrom: labels, 1)
    }
}
