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
    private let textHeaders: FamilyHeaders
    private let openMetricsHeaders: FamilyHeaders

    /// Prepares the headers of all families of the table's catalogue.
    public init(table: SeriesKeyTable) {
        self.table = table
        textHeaders = FamilyHeaders(table) { [(FamilyHeader.prometheusText(of: $0, in: table.catalog), nil)] }
        openMetricsHeaders = FamilyHeaders(table) { FamilyHeader.openMetrics(of: $0, in: table.catalog) }
    }

    /// The exposition of some nodes, complete.
    public func render(_ nodes: [ExposedNode], as format: ExpositionFormat) -> [UInt8] {
        var noPlaces: [ValuePlace]?
        return render(nodes, as: format, notingValuesIn: &noPlaces)
    }

    /// - Parameter places: Gets the place of every value, in the order in which they stand; `nil` where nobody wants
    ///   to know.
    func render(
        _ nodes: [ExposedNode],
        as format: ExpositionFormat,
        notingValuesIn places: inout [ValuePlace]?
    ) -> [UInt8] {
        let prefixes = table.linePrefixes()
        let headers = format == .prometheusText ? textHeaders : openMetricsHeaders
        let end: StaticString = format == .openMetrics ? "# EOF\n" : ""
        let runs = FamilyRuns(of: nodes, familyCount: table.catalog.rows.count)
        let capacity = byteBound(of: nodes, prefixes: prefixes) + headers.bytes.count + end.utf8CodeUnitCount
        return [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
            guard let start = memory.baseAddress else { return }
            var cursor = start
            for rank in 0..<runs.familyCount {
                let range = runs.range(rank: rank)
                if range.isEmpty { continue }
                for section in headers.sections(rank: rank) {
                    cursor = copy(headers.bytes.span, at: section.start, count: section.count, to: cursor)
                    for position in range {
                        cursor = Self.write(
                            nodes.span, runs.runs.span[position], section.role, prefixes, &places, start: start,
                            to: cursor)
                    }
                }
            }
            end.withUTF8Buffer { cursor = copy($0.span, at: 0, count: $0.count, to: cursor) }
            count = cursor - start
        }
    }

    // Spans in the loops below, since an array that is read in a loop is retained and released each time.

    private static func write(
        _ nodes: Span<ExposedNode>,
        _ run: FamilyRuns.Run,
        _ role: SampleRole?,
        _ prefixes: LinePrefixes,
        _ valuePlaces: inout [ValuePlace]?,
        start: UnsafeMutablePointer<UInt8>,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let node = Int(run.node)
        let indices = nodes[node].samples.layout.order
        let order = indices.span
        let keys = nodes[node].samples.keys.span
        let values = nodes[node].samples.values.span
        let labelText = nodes[node].labelText.span
        let places = prefixes.places.span
        let bytes = prefixes.bytes.span
        var cursor = output
        for position in Int(run.start)..<Int(run.end) {
            let index = Int(order[position])
            let place = places[keys[index].index]
            if let role, place.role != role { continue }
            cursor = copy(bytes, at: Int(place.start), count: Int(place.count), to: cursor)
            if place.hasLabels || !labelText.isEmpty {
                if !labelText.isEmpty {
                    cursor.pointee = place.hasLabels ? UInt8(ascii: ",") : UInt8(ascii: "{")
                    cursor = copy(labelText, at: 0, count: labelText.count, to: cursor + 1)
                }
                cursor.pointee = UInt8(ascii: "}")
                cursor += 1
            }
            cursor.pointee = UInt8(ascii: " ")
            cursor += 1
            let value = cursor
            cursor = NumberFormat.write(values[index], to: value)
            valuePlaces?.append(ValuePlace(node: node, sample: index, start: value - start, count: cursor - value))
            cursor.pointee = UInt8(ascii: "\n")
            cursor += 1
        }
        return cursor
    }

    /// The most bytes all lines can take, so that writing needs no check.
    private func byteBound(of nodes: [ExposedNode], prefixes: LinePrefixes) -> Int {
        let places = prefixes.places.span
        var bound = 0
        for node in nodes {
            let keys = node.samples.keys.span
            bound += keys.count * (node.labelText.count + NumberFormat.maximumByteCount + 4)
            for index in keys.indices {
                bound += Int(places[keys[index].index].count)
            }
        }
        return bound
    }
}

/// Copies a part of `bytes` and returns where it ends.
func copy(
    _ bytes: Span<UInt8>,
    at start: Int,
    count: Int,
    to output: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
    bytes.extracting(start..<start + count).withUnsafeBufferPointer {
        if let base = $0.baseAddress { output.update(from: base, count: count) }
    }
    return output + count
}
