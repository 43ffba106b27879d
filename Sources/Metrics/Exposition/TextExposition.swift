/// A text format in which Prometheus and others read metrics.
public enum ExpositionFormat: Sendable, CaseIterable {
    /// The Prometheus text format, version 0.0.4.
    case prometheusText
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The value of the `Content-Type` header.
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}

/// One node's part of an exposition.
public struct ExposedNode: Sendable {
    /// The labels that all of its series get, as `LabelText.render` gives them; empty for none.
    public let labelText: [UInt8]
    /// The samples to write.
    public let samples: PollSamples

    /// Joins samples with the rendered labels of their node.
    public init(labelText: [UInt8], samples: PollSamples) {
        self.labelText = labelText
        self.samples = samples
    }
}

/// Renders samples in one of the text formats: families sorted by name, each with its help and type once.
public struct TextExposition: Sendable {
    private let table: SeriesKeyTable
    /// `# HELP` and `# TYPE` lines per format and family.
    private let headers: [[[UInt8]]]

    /// Prepares the headers of all families of the table's catalogue.
    public init(table: SeriesKeyTable) {
        self.table = table
        headers = ExpositionFormat.allCases.map { format in
            table.catalog.rows.indices.map { index in
                Array(Self.header(of: FamilyID(index: index), in: table.catalog, format).utf8)
            }
        }
    }

    /// The exposition of some nodes, complete.
    public func render(_ nodes: [ExposedNode], as format: ExpositionFormat) -> [UInt8] {
        let entries = table.snapshot()
        let formatHeaders = headers[format == .prometheusText ? 0 : 1]
        let end = format == .openMetrics ? Array("# EOF\n".utf8) : []
        let capacity = byteBound(of: nodes, entries: entries, headers: formatHeaders) + end.count
        return [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
            guard let start = memory.baseAddress else { return }
            var cursor = start
            forEachRun(of: nodes) { family in
                cursor = Self.copy(formatHeaders[family.index], to: cursor)
            } body: { node, range in
                cursor = Self.write(nodes[node], range, entries: entries, to: cursor)
            }
            cursor = Self.copy(end, to: cursor)
            count = cursor - start
        }
    }

    /// Walks families in the order of their names, and in each the nodes that have it.
    private func forEachRun(
        of nodes: [ExposedNode],
        header: (FamilyID) -> Void,
        body: (_ node: Int, _ range: Range<Int>) -> Void
    ) {
        var positions = [Int](repeating: 0, count: nodes.count)
        while true {
            var next: SampleLayout.Run?
            for (node, position) in positions.enumerated() {
                let runs = nodes[node].samples.layout.runs
                if position < runs.count, runs[position].rank < next?.rank ?? .max {
                    next = runs[position]
                }
            }
            guard let next else { return }
            header(next.family)
            for node in nodes.indices {
                let runs = nodes[node].samples.layout.runs
                if positions[node] < runs.count, runs[positions[node]].rank == next.rank {
                    body(node, runs[positions[node]].range)
                    positions[node] += 1
                }
            }
        }
    }

    private static func write(
        _ node: ExposedNode,
        _ range: Range<Int>,
        entries: [SeriesKeyTable.Entry],
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var cursor = output
        for position in range {
            let index = Int(node.samples.layout.order[position])
            let key = node.samples.keys[index].index
            let hasOwnLabels = entries[key].hasLabels
            cursor = copy(entries[key].expositionPrefix, to: cursor)
            if hasOwnLabels || !node.labelText.isEmpty {
                if !node.labelText.isEmpty {
                    cursor.pointee = hasOwnLabels ? UInt8(ascii: ",") : UInt8(ascii: "{")
                    cursor = copy(node.labelText, to: cursor + 1)
                }
                cursor.pointee = UInt8(ascii: "}")
                cursor += 1
            }
            cursor.pointee = UInt8(ascii: " ")
            cursor = NumberFormat.write(node.samples.values[index], to: cursor + 1)
            cursor.pointee = UInt8(ascii: "\n")
            cursor += 1
        }
        return cursor
    }

    private static func copy(
        _ bytes: [UInt8],
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        bytes.withUnsafeBufferPointer { source in
            if let base = source.baseAddress {
                output.update(from: base, count: source.count)
            }
        }
        return output + bytes.count
    }

    /// The most bytes the exposition can take, so that writing needs no check.
    private func byteBound(of nodes: [ExposedNode], entries: [SeriesKeyTable.Entry], headers: [[UInt8]]) -> Int {
        let perSample = NumberFormat.maximumByteCount + 4
        var bound = 0
        for header in headers {
            bound += header.count
        }
        for node in nodes {
            for key in node.samples.keys {
                bound += entries[key.index].expositionPrefix.count + node.labelText.count + perSample
            }
        }
        return bound
    }

    private static func header(of family: FamilyID, in catalog: MetricCatalog, _ format: ExpositionFormat) -> String {
        let row = catalog[family]
        let name = catalog.name(of: family)
        let help = escapedHelp(row.help, format)
        switch format {
        case .prometheusText:
            let type = row.kind == .unknown ? "untyped" : row.kind.rawValue
            return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        case .openMetrics:
            return openMetricsHeader(name: name, row: row, help: help)
        }
    }

    /// OpenMetrics wants a counter's name to end in `_total` and leaves that out of the family's name.
    ///
    /// A counter whose inherited name has no such ending becomes `unknown`, so that the series keeps its name.
    private static func openMetricsHeader(name: String, row: MetricRow, help: String) -> String {
        let isTotal = name.hasSuffix("_total")
        let isCounter = row.kind == .counter && isTotal
        let family = isCounter ? String(name.dropLast("_total".count)) : name
        let kind: MetricKind = row.kind == .counter && !isTotal ? .unknown : row.kind
        var header = "# TYPE \(family) \(kind.rawValue)\n"
        if let unit = row.unit.suffix, family.hasSuffix("_" + unit) {
            header += "# UNIT \(family) \(unit)\n"
        }
        return header + "# HELP \(family) \(help)\n"
    }

    private static func escapedHelp(_ help: String, _ format: ExpositionFormat) -> String {
        var output = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\"" where format == .openMetrics: output += "\\\""
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
