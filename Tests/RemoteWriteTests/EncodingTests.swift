import CSnappy
import Metrics
import TestServers
import Testing
import TimeSeriesStore

@testable import RemoteWrite

/// The messages, read back by `protoc` with schemas written from the specifications.
@Suite("Messages of remote write")
struct EncodingTests {
    private static let schema1 = """
        syntax = "proto3";
        package prometheus;
        message WriteRequest { repeated TimeSeries timeseries = 1; }
        message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
        message Label { string name = 1; string value = 2; }
        message Sample { double value = 1; int64 timestamp = 2; }
        """
    private static let schema2 = """
        syntax = "proto3";
        package io.prometheus.write.v2;
        message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
        message TimeSeries { repeated uint32 labels_refs = 1; repeated Sample samples = 2; Metadata metadata = 5; }
        message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
        message Metadata {
          enum MetricType { UNSPECIFIED = 0; COUNTER = 1; GAUGE = 2; HISTOGRAM = 3; SUMMARY = 5; }
          MetricType type = 1; uint32 help_ref = 3; uint32 unit_ref = 4;
        }
        """

    private static let otlpSchema = """
        syntax = "proto3";
        package otlp;
        message Request { repeated ResourceMetrics resource_metrics = 1; }
        message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
        message Resource { repeated KeyValue attributes = 1; }
        message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
        message Scope { string name = 1; }
        message Metric { string name = 1; string description = 2; string unit = 3; Gauge gauge = 5; Sum sum = 7; }
        message Gauge { repeated Point data_points = 1; }
        message Sum { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
        message Point {
          fixed64 start = 2; fixed64 time = 3; double as_double = 4; repeated KeyValue attributes = 7; uint32 flags = 8;
        }
        message KeyValue { string key = 1; AnyValue value = 2; }
        message AnyValue { string string_value = 1; }
        """

    @Test("OTLP has counters as cumulative sums with a start, the rest as gauges, and ends as points without a value")
    func otlp() async throws {
        var catalog = MetricCatalog()
        _ = catalog.add([MetricRow("", "calls_total", .counter, .seconds, labels: ["cmd"], help: "Calls.")])
        let families = FamilyIndex(catalog)
        let fixture = try LogFixture()
        let group = fixture.group([("instance", "a:1"), ("job", "redis")])
        let keys = [fixture.key("up"), fixture.key("calls_total", [("cmd", "get")])]
        for (time, calls) in [(Int64(1000), 5.0), (2000, 7), (3000, 1)] {
            fixture.log.append(keys: keys, values: [1, calls], at: time, to: group)
        }
        fixture.log.end(group, at: 4000)
        let treatment = RecordDecoder.Treatment(tellsStartTimes: true)
        let decoder = RecordDecoder(treatment, families: families)
        var reader = LogReader(fixture.log, from: fixture.log.start, decoder: decoder)
        var batch = SampleBatch()
        reader.read(into: &batch, atLeast: 8)
        let bytes = MetricsRequest.encode(
            batch.samples,
            of: batch,
            symbols: reader.decoder.symbols,
            families: families
        )
        let text = try await decode(bytes, "otlp.Request", Self.otlpSchema)
        #expect(text.filter { $0 == "resource_metrics {" }.count == 1)
        #expect(text.filter { $0 == "gauge {" }.count == 1 && text.filter { $0 == "sum {" }.count == 1)
        #expect(text.filter { $0.hasPrefix("start: ") } == ["1000", "1000", "2000"].map { "start: \($0)000000" })
        let times = ["1000", "2000", "3000", "4000"].map { "time: \($0)000000" }
        #expect(text.filter { $0.hasPrefix("time: ") } == times + times)
        #expect(text.filter { $0.hasPrefix("as_double: ") }.map { $0.dropFirst(11) } == ["1", "1", "1", "5", "7", "1"])
        #expect(text.filter { $0 == "flags: 1" }.count == 2)
        #expect(text.contains("aggregation_temporality: 2") && text.contains("is_monotonic: true"))
        #expect(text.contains(#"unit: "s""#) && text.contains(#"description: "Calls.""#))
        for (key, value) in [("service.name", "redis"), ("service.instance.id", "a:1"), ("cmd", "get")] {
            #expect(text.contains("key: \"\(key)\"") && text.contains("string_value: \"\(value)\""))
        }
        #expect(!text.contains(#"key: "job""#) && !text.contains(#"key: "__name__""#))
    }

    private func batch(_ families: FamilyIndex = FamilyIndex(MetricCatalog())) throws -> (SampleBatch, SymbolTable) {
        let fixture = try LogFixture()
        let group = fixture.group([("instance", "a:1")])
        let keys = [fixture.key("up"), fixture.key("calls_total", [("cmd", "gét")])]
        fixture.log.append(keys: keys, values: [1, 2.5], at: 1_700_000_000_000, to: group)
        fixture.log.append(keys: keys, values: [0, 2.5], at: -5, to: group)
        let decoder = RecordDecoder(RecordDecoder.Treatment(), families: families)
        var reader = LogReader(fixture.log, from: fixture.log.start, decoder: decoder)
        var batch = SampleBatch()
        reader.read(into: &batch, atLeast: 4)
        return (batch, reader.decoder.symbols)
    }

    @Test("Version 1.0 is what the specification says")
    func version1() async throws {
        let (batch, symbols) = try batch()
        let bytes = WriteRequest1.encode(batch.samples, of: batch, symbols: symbols)
        let text = try await decode(bytes, "prometheus.WriteRequest", Self.schema1)
        let up = [
            "timeseries {", "labels {", #"name: "__name__""#, #"value: "up""#, "}", "labels {",
            #"name: "instance""#, #"value: "a:1""#, "}", "samples {", "value: 1", "timestamp: 1700000000000", "}", "}",
        ]
        #expect(Array(text.prefix(up.count)) == up)
        #expect(text.filter { $0 == "timeseries {" }.count == 4)
        #expect(text.filter { $0 == "timestamp: -5" }.count == 2)
        #expect(text.contains(#"value: "g\303\251t""#))
    }

    @Test("Version 2.0 has each text once, and says what families are")
    func version2() async throws {
        var catalog = MetricCatalog()
        _ = catalog.add([MetricRow("", "calls_total", .counter, .seconds, labels: ["cmd"], help: "Calls.")])
        let families = FamilyIndex(catalog)
        let (batch, symbols) = try batch(families)
        let bytes = WriteRequest2.encode(batch.samples, of: batch, symbols: symbols, families: families)
        let text = try await decode(bytes, "io.prometheus.write.v2.Request", Self.schema2)
        let texts = text.filter { $0.hasPrefix("symbols: ") }.map { $0.dropFirst(9) }
        #expect(texts.first == #""""# && Set(texts).count == texts.count)
        func index(_ text: String) throws -> Int { try #require(texts.firstIndex { $0 == text }) }
        let calls = text.lastIndex(of: "timeseries {").map { Array(text[$0...]) }
        let references = calls?.filter { $0.hasPrefix("labels_refs: ") }.compactMap { Int($0.dropFirst(13)) }
        #expect(
            try references == [
                index(#""__name__""#), index(#""calls_total""#), index(#""cmd""#), index(#""g\303\251t""#),
                index(#""instance""#), index(#""a:1""#),
            ]
        )
        #expect(try calls?.contains("help_ref: \(index(#""Calls.""#))") == true)
        #expect(try calls?.contains("unit_ref: \(index(#""seconds""#))") == true)
        #expect(calls?.contains("type: COUNTER") == true && calls?.contains("value: 2.5") == true)
        #expect(text.filter { $0 == "metadata {" }.count == 2, "what is unknown is not told")
    }

    @Test("Blocks of Snappy are those of the library, empty ones too", arguments: [0, 1, 70_000])
    func snappy(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let block = Snappy.compress(bytes)
        #expect(uncompress(block) == bytes && block.count <= max(8, count / 4))
    }

    private func decode(_ bytes: [UInt8], _ message: String, _ schema: String) async throws -> [String] {
        let directory = try TemporaryDirectory()
        let file = try directory.write(schema, to: "schema.proto")
        let input = try OpenFile(directory.file("message"), 0o102)
        try input.write(bytes, at: 0)
        let decoder = try ServerProcess(
            "sh",
            ["-c", #"protoc --proto_path="$2" --decode="$0" "$1" < message"#, message, file, directory.path],
            in: directory
        )
        #expect(try await decoder.exitCode() == 0)
        return decoder.log.split(separator: "\n").map { line in String(line.drop { $0 == " " }) }
    }
}

/// The bytes of a block of Snappy.
func uncompress(_ block: [UInt8]) -> [UInt8]? {
    block.withUnsafeBytes { bytes in
        let input = bytes.bindMemory(to: CChar.self)
        var length = 0
        guard snappy_uncompressed_length(input.baseAddress, input.count, &length) == SNAPPY_OK else { return nil }
        var isValid = false
        let output = [UInt8](unsafeUninitializedCapacity: max(1, length)) { output, count in
            output.withMemoryRebound(to: CChar.self) { target in
                isValid = snappy_uncompress(input.baseAddress, input.count, target.baseAddress, &length) == SNAPPY_OK
            }
            count = isValid ? length : 0
        }
        return isValid ? output : nil
    }
}
