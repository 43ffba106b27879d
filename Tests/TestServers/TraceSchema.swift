import Glibc

/// The part of OTLP's schema that spans need, for `protoc`, written from the specification.
public enum TraceSchema {
    private static let text = """
        syntax = "proto3";
        package opentelemetry.proto.trace.v1;
        message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; } }
        message KeyValue { string key = 1; AnyValue value = 2; }
        message Resource { repeated KeyValue attributes = 1; }
        message InstrumentationScope { string name = 1; string version = 2; }
        message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
        message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
        message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; }
        enum SpanKind { SPAN_KIND_UNSPECIFIED = 0; SPAN_KIND_INTERNAL = 1; SPAN_KIND_SERVER = 2; SPAN_KIND_CLIENT = 3; }
        enum StatusCode { STATUS_CODE_UNSET = 0; STATUS_CODE_OK = 1; STATUS_CODE_ERROR = 2; }
        message Status { reserved 1; string message = 2; StatusCode code = 3; }
        message Span {
          bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
          SpanKind kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
          repeated KeyValue attributes = 9; Status status = 15;
        }
        """

    /// A message in the text format of protobuf.
    public static func text(of bytes: [UInt8]) throws(TestServerError) -> String {
        let directory = try TemporaryDirectory()
        let schema = try directory.write(text, to: "trace.proto")
        guard let file = fopen(directory.file("message"), "we") else {
            throw TestServerError("cannot write the message: \(String(cString: strerror(errno)))")
        }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return try run(
            "sh", "-c", #"protoc --proto_path="$1" --decode="$2" "$0" < message"#, schema, directory.path,
            "opentelemetry.proto.trace.v1.ExportTraceServiceRequest", in: directory
        )
    }
}
