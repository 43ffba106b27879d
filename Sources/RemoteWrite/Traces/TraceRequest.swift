import Tracing

/// The message `ExportTraceServiceRequest` of OTLP
/// (`https://github.com/open-telemetry/opentelemetry-proto`, `trace/v1/trace.proto`).
enum TraceRequest {
    private enum Field {
        // ExportTraceServiceRequest
        static let resourceSpans: UInt8 = 1
        // ResourceSpans
        static let resource: UInt8 = 1
        static let scopeSpans: UInt8 = 2
        // Resource
        static let resourceAttributes: UInt8 = 1
        // ScopeSpans
        static let scope: UInt8 = 1
        static let spans: UInt8 = 2
        // InstrumentationScope
        static let scopeName: UInt8 = 1
        // Span
        static let traceID: UInt8 = 1
        static let spanID: UInt8 = 2
        static let parentSpanID: UInt8 = 4
        static let name: UInt8 = 5
        static let kind: UInt8 = 6
        static let start: UInt8 = 7
        static let end: UInt8 = 8
        static let attributes: UInt8 = 9
        static let status: UInt8 = 15
        // Status
        static let message: UInt8 = 2
        static let code: UInt8 = 3
        // KeyValue
        static let key: UInt8 = 1
        static let value: UInt8 = 2
        // AnyValue
        static let stringValue: UInt8 = 1
        static let intValue: UInt8 = 3
    }

    private static let errorCode: UInt64 = 2

    static func encode(_ spans: [Span], resource: [SpanAttribute]) -> [UInt8] {
        var attributes = ProtobufMessage()
        for attribute in resource { attributes.message(Field.resourceAttributes, Self.attribute(attribute)) }
        var scope = ProtobufMessage()
        scope.text(Field.scopeName, "redstart")
        var scopeSpans = ProtobufMessage()
        scopeSpans.message(Field.scope, scope)
        for span in spans { scopeSpans.message(Field.spans, message(of: span)) }
        var resourceSpans = ProtobufMessage()
        resourceSpans.message(Field.resource, attributes)
        resourceSpans.message(Field.scopeSpans, scopeSpans)
        var request = ProtobufMessage()
        request.message(Field.resourceSpans, resourceSpans)
        return request.bytes
    }

    private static func message(of span: Span) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.identifier(Field.traceID, [span.context.trace.high, span.context.trace.low])
        message.identifier(Field.spanID, [span.context.span])
        if let parent = span.parent { message.identifier(Field.parentSpanID, [parent]) }
        message.text(Field.name, span.name)
        message.number(Field.kind, UInt64(span.kind.rawValue))
        message.fixed(Field.start, span.start)
        message.fixed(Field.end, span.end)
        for attribute in span.attributes { message.message(Field.attributes, Self.attribute(attribute)) }
        if let failure = span.failure {
            var status = ProtobufMessage()
            status.text(Field.message, failure)
            status.number(Field.code, errorCode)
            message.message(Field.status, status)
        }
        return message
    }

    private static func attribute(_ attribute: SpanAttribute) -> ProtobufMessage {
        var value = ProtobufMessage()
        switch attribute.value {
        case .text(let text): value.text(Field.stringValue, text)
        case .number(let number): value.present(Field.intValue, Int64(number))
        }
        var message = ProtobufMessage()
        message.text(Field.key, attribute.name)
        message.message(Field.value, value)
        return message
    }
}

extension ProtobufMessage {
    /// Numbers as bytes, the most significant first.
    fileprivate mutating func identifier(_ field: UInt8, _ numbers: [UInt64]) {
        bytes(field, numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } })
    }
}
