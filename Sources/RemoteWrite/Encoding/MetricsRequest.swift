import Metrics

/// The message `ExportMetricsServiceRequest` of OTLP
/// (`https://github.com/open-telemetry/opentelemetry-proto`, `metrics/v1/metrics.proto`).
///
/// `job` and `instance` say which resource it is, as OpenTelemetry's page on compatibility with Prometheus has it; all
/// other labels are attributes of the data point. What only grows is a cumulative sum, the rest are gauges; a series
/// that has ended is a point without a value.
struct MetricsRequest {
    private enum Field {
        // ExportMetricsServiceRequest
        static let resourceMetrics: UInt8 = 1
        // ResourceMetrics
        static let resource: UInt8 = 1
        static let scopeMetrics: UInt8 = 2
        // Resource
        static let resourceAttributes: UInt8 = 1
        // ScopeMetrics
        static let scope: UInt8 = 1
        static let metrics: UInt8 = 2
        // InstrumentationScope
        static let scopeName: UInt8 = 1
        // Metric
        static let name: UInt8 = 1
        static let description: UInt8 = 2
        static let unit: UInt8 = 3
        static let gauge: UInt8 = 5
        static let sum: UInt8 = 7
        // Gauge, Sum
        static let dataPoints: UInt8 = 1
        static let aggregationTemporality: UInt8 = 2
        static let isMonotonic: UInt8 = 3
        // NumberDataPoint
        static let startTime: UInt8 = 2
        static let time: UInt8 = 3
        static let asDouble: UInt8 = 4
        static let pointAttributes: UInt8 = 7
        static let flags: UInt8 = 8
        // KeyValue
        static let key: UInt8 = 1
        static let value: UInt8 = 2
        // AnyValue
        static let stringValue: UInt8 = 1
    }

    private static let cumulative: UInt64 = 2
    private static let noRecordedValue: UInt64 = 1

    private struct Resource: Hashable {
        var job: Symbol?
        var instance: Symbol?
    }

    private let batch: SampleBatch
    private let symbols: SymbolTable
    private let families: FamilyIndex

    /// Encodes samples, the points of a metric of a resource together.
    static func encode(
        _ samples: [SampleBatch.Sample],
        of batch: SampleBatch,
        symbols: SymbolTable,
        families: FamilyIndex
    ) -> [UInt8] {
        MetricsRequest(batch: batch, symbols: symbols, families: families).encode(samples)
    }

    private func encode(_ samples: [SampleBatch.Sample]) -> [UInt8] {
        var order: [Resource] = []
        var resources: [Resource: [SampleBatch.Sample]] = [:]
        for sample in samples {
            let resource = resource(of: sample)
            if resources[resource] == nil { order.append(resource) }
            resources[resource, default: []].append(sample)
        }
        var request = ProtobufMessage()
        for resource in order {
            var message = ProtobufMessage()
            message.message(Field.resource, attributes(of: resource))
            message.message(Field.scopeMetrics, scope(resources[resource] ?? []))
            request.message(Field.resourceMetrics, message)
        }
        return request.bytes
    }

    private func resource(of sample: SampleBatch.Sample) -> Resource {
        var resource = Resource()
        for label in batch.labels(of: sample) {
            if isName(label, "job") { resource.job = label.value }
            if isName(label, "instance") { resource.instance = label.value }
        }
        return resource
    }

    private func isName(_ label: LabelPair, _ name: String) -> Bool {
        symbols.range(of: label.name).count == name.utf8.count && symbols.text(label.name) == name
    }

    private func attributes(of resource: Resource) -> ProtobufMessage {
        var message = ProtobufMessage()
        for (name, value) in [("service.name", resource.job), ("service.instance.id", resource.instance)] {
            guard let value else { continue }
            message.message(Field.resourceAttributes, attribute(name, symbols.text(value)))
        }
        return message
    }

    private func attribute(_ name: String, _ value: String) -> ProtobufMessage {
        var text = ProtobufMessage()
        text.text(Field.stringValue, value)
        var message = ProtobufMessage()
        message.text(Field.key, name)
        message.message(Field.value, text)
        return message
    }

    private func scope(_ samples: [SampleBatch.Sample]) -> ProtobufMessage {
        var order: [Symbol] = []
        var metrics: [Symbol: [SampleBatch.Sample]] = [:]
        for sample in samples {
            guard let name = batch.labels(of: sample).first(where: { isName($0, Labels.metricNameLabel) }) else {
                continue
            }
            if metrics[name.value] == nil { order.append(name.value) }
            metrics[name.value, default: []].append(sample)
        }
        var scope = ProtobufMessage()
        scope.text(Field.scopeName, "redstart")
        var message = ProtobufMessage()
        message.message(Field.scope, scope)
        for name in order { message.message(Field.metrics, metric(name, metrics[name] ?? [])) }
        return message
    }

    private func metric(_ name: Symbol, _ samples: [SampleBatch.Sample]) -> ProtobufMessage {
        let place = families.index(of: symbols.text(name))
        let family = place < 0 ? nil : families.entries[place]
        let isSum = family?.isCumulative ?? false
        var points = ProtobufMessage()
        for sample in samples { points.message(Field.dataPoints, point(sample, isSum: isSum)) }
        if isSum {
            points.number(Field.aggregationTemporality, Self.cumulative)
            points.number(Field.isMonotonic, UInt64(1))
        }
        var message = ProtobufMessage()
        message.text(Field.name, name, of: symbols)
        if let row = family?.row {
            message.text(Field.description, row.help)
            if let unit = Self.unit(row.unit) { message.text(Field.unit, unit) }
        }
        message.message(isSum ? Field.sum : Field.gauge, points)
        return message
    }

    /// The notation of UCUM.
    private static func unit(_ unit: MetricUnit) -> String? {
        switch unit {
        case .none: nil
        case .bytes: "By"
        case .kibibytes: "KiBy"
        case .seconds: "s"
        case .milliseconds: "ms"
        case .microseconds: "us"
        case .ratio: "1"
        case .percent: "%"
        }
    }

    private func point(_ sample: SampleBatch.Sample, isSum: Bool) -> ProtobufMessage {
        var point = ProtobufMessage()
        if isSum { point.fixedTime(Field.startTime, milliseconds: sample.startTimestamp) }
        point.fixedTime(Field.time, milliseconds: sample.timestamp)
        if !sample.value.isStaleMarker { point.double(Field.asDouble, sample.value) }
        for label in batch.labels(of: sample) {
            if ["job", "instance", Labels.metricNameLabel].contains(where: { isName(label, $0) }) { continue }
            point.message(Field.pointAttributes, attribute(symbols.text(label.name), symbols.text(label.value)))
        }
        if sample.value.isStaleMarker { point.number(Field.flags, Self.noRecordedValue) }
        return point
    }
}

extension ProtobufMessage {
    /// A time in nanoseconds since 1970; one that cannot be said so is left out, as that of which nothing is known.
    fileprivate mutating func fixedTime(_ field: UInt8, milliseconds: Int64) {
        guard milliseconds > 0 else { return }
        fixed(field, UInt64(milliseconds).multipliedReportingOverflow(by: 1_000_000).partialValue)
    }
}
