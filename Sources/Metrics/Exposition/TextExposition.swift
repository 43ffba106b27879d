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
    /// A header and the samples of its family that stand below it.
    private struct Section: Sendable {
        let header: [UInt8]
        /// Only the samples of this role; `nil` for all.
        let role: SampleRole?
    }

    private let table: SeriesKeyTable
    /// The sections of each family, in the text format and in OpenMetrics.
    private let textSections: [[Section]]
    private let openMetricsSections: [[Section]]
    /// The bytes of all headers, of the format that has more.
    private let headerBytes: Int

    /// Prepares the headers of all families of the table's catalogue.
    public init(table: SeriesKeyTable) {
        self.table = table
        let families = table.catalog.rows.indices.map { FamilyID(index: $0) }
        textSections = families.map { family in
            [Section(header: Array(FamilyHeader.prometheusText(of: family, in: table.catalog).utf8), role: nil)]
        }
        openMetricsSections = families.map { family in
            FamilyHeader.openMetrics(of: family, in: table.catalog).map { header, role in
                Section(header: Array(header.utf8), role: role)
            }
        }
        headerBytes = [textSections, openMetricsSections]
            .map { $0.joined().map(\.header.count).reduce(0, +) }.reduce(0, max)
    }

    /// The exposition of some nodes, complete.
    public func render(_ nodes: [ExposedNode], as format: ExpositionFormat) -> [UInt8] {
        let prefixes = table.linePrefixes()
        let sections = format == .prometheusText ? textSections : openMetricsSections
        let end = format == .openMetrics ? Array("# EOF\n".utf8) : []
        let capacity = byteBound(of: nodes, prefixes: prefixes) + end.count
        return [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
            guard let start = memory.baseAddress else { return }
            var cursor = start
            forEachFamily(of: nodes) { family, runs in
                for section in sections[family.index] {
                    cursor = Self.copy(section.header, to: cursor)
                    for run in runs {
                        cursor = Self.write(nodes[run.node], run.range, section.role, prefixes, to: cursor)
                    }
                }
            }
            cursor = Self.copy(end, to: cursor)
            count = cursor - start
        }
    }

    /// Walks families in the order of their names, each with the nodes that have it.
    private func forEachFamily(
        of nodes: [ExposedNode],
        _ body: (FamilyID, [(node: Int, range: Range<Int>)]) -> Void
    ) {
        var positions = [Int](repeating: 0, count: nodes.count)
        var runs: [(node: Int, range: Range<Int>)] = []
        while true {
            var next: SampleLayout.Run?
            for (node, position) in positions.enumerated() {
                let nodeRuns = nodes[node].samples.layout.runs
                if position < nodeRuns.count, nodeRuns[position].rank < next?.rank ?? .max {
                    next = nodeRuns[position]
                }
            }
            guard let next else { return }
            runs.removeAll(keepingCapacity: true)
            for node in nodes.indices {
                let nodeRuns = nodes[node].samples.layout.runs
                if positions[node] < nodeRuns.count, nodeRuns[positions[node]].rank == next.rank {
                    runs.append((node, nodeRuns[positions[node]].range))
                    positions[node] += 1
                }
            }
            body(next.family, runs)
        }
    }

    private static func write(
        _ node: ExposedNode,
        _ range: Range<Int>,
        _ role: SampleRole?,
        _ prefixes: LinePrefixes,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        // Spans, since an array that is read in a loop is retained and released each time.
        let order = node.samples.layout.order.span
        let keys = node.samples.keys.span
        let values = node.samples.values.span
        let places = prefixes.places.span
        var cursor = output
        prefixes.bytes.withUnsafeBufferPointer { bytes in
            node.labelText.withUnsafeBufferPointer { labelText in
                for position in range {
                    let index = Int(order[position])
                    let place = places[keys[index].index]
                    if let role, place.role != role { continue }
                    cursor = copy(
                        UnsafeBufferPointer(rebasing: bytes[Int(place.start)...].prefix(Int(place.count))), to: cursor)
                    if place.hasLabels || !labelText.isEmpty {
                        if !labelText.isEmpty {
                            cursor.pointee = place.hasLabels ? UInt8(ascii: ",") : UInt8(ascii: "{")
                            cursor = copy(labelText, to: cursor + 1)
                        }
                        cursor.pointee = UInt8(ascii: "}")
                        cursor += 1
                    }
                    cursor.pointee = UInt8(ascii: " ")
                    cursor = NumberFormat.write(values[index], to: cursor + 1)
                    cursor.pointee = UInt8(ascii: "\n")
                    cursor += 1
                }
            }
        }
        return cursor
    }

    private static func copy(
        _ bytes: [UInt8],
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        bytes.withUnsafeBufferPointer { copy($0, to: output) }
    }

    private static func copy(
        _ bytes: UnsafeBufferPointer<UInt8>,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        if let base = bytes.baseAddress {
            output.update(from: base, count: bytes.count)
        }
        return output + bytes.count
    }

    /// The most bytes the exposition can take, so that writing needs no check.
    private func byteBound(of nodes: [ExposedNode], prefixes: LinePrefixes) -> Int {
        let perSample = NumberFormat.maximumByteCount + 4
        var bound = headerBytes
        for node in nodes {
            for key in node.samples.keys {
                bound += Int(prefixes.places[key.index].count) + node.labelText.count + perSample
            }
        }
        return bound
    }
}
