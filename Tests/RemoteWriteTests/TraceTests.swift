import HTTPClient
import Logging
import NIOPosix
import ServiceLifecycle
import TestServers
import Testing
import Tracing

@testable import RemoteWrite

@Suite("Spans over OTLP")
struct TraceTests {
    private let tracer = Tracer(ratio: 1)

    private func exporter(_ receiver: HTTPReceiver) throws -> TraceExporter {
        TraceExporter(
            TraceExporter.Configuration(
                url: try HTTPURL("http://127.0.0.1:\(receiver.port)/v1/traces"),
                headers: [("X-Token", "s3cret")],
                resource: [SpanAttribute("service.name", "redstart"), SpanAttribute("service.version", "1.2.3")]
            ),
            tracer: tracer,
            client: HTTPClient(eventLoops: MultiThreadedEventLoopGroup.singleton),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func trace(_ name: String, failure: String? = nil) throws {
        var span = try #require(tracer.begin())
        let now = ContinuousClock.now
        let place = [SpanAttribute("server.address", "cache-1"), SpanAttribute("server.port", 6379)]
        span.addPart("connect", place, kind: .client, from: now, to: now + .milliseconds(2))
        span.end(name, place + [SpanAttribute("zero", 0)], at: now + .milliseconds(5), failure: failure)
    }

    @Test("The message is the one of OTLP, as protoc reads it")
    func message() async throws {
        try trace("poll", failure: "refused")
        let spans = tracer.take(atMost: 10)
        let bytes = TraceRequest.encode(spans, resource: [SpanAttribute("service.name", "redstart")])
        let text = try TraceSchema.text(of: bytes)
        for piece in [
            #"key: "service.name""#, #"string_value: "redstart""#, #"name: "poll""#, "kind: SPAN_KIND_INTERNAL",
            #"name: "connect""#, "kind: SPAN_KIND_CLIENT", #"key: "server.port""#, "int_value: 6379", "int_value: 0",
            "code: STATUS_CODE_ERROR", #"message: "refused""#, #"name: "redstart""#,
        ] {
            #expect(text.contains(piece), "\(piece) in \(text)")
        }
        #expect(text.components(of: "span_id: ") == 3, "two spans, one of which has a parent: \(text)")
        #expect(spans[1].parent == spans[0].context.span && spans[1].context.trace == spans[0].context.trace)
        #expect(spans[0].end - spans[0].start == 5_000_000 || spans[0].end > spans[0].start)
        #expect(spans[1].end - spans[1].start == 2_000_000)
    }

    @Test("Spans are sent in batches, with the header fields, and what is over after the last batch at the end")
    func sent() async throws {
        let receiver = try HTTPReceiver()
        let exporter = try exporter(receiver)
        try trace("poll")
        let group = ServiceGroup(services: [exporter], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await group.run() }
        try await eventually("sends the first") { exporter.statistics.exported == 2 }
        try trace("rules")
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(exporter.statistics == TraceExporter.Statistics(queued: 0, exported: 4))
        let requests = receiver.requests
        #expect(requests.map(\.line) == ["POST /v1/traces", "POST /v1/traces"])
        #expect(requests[0].headers["content-type"] == "application/x-protobuf")
        #expect(requests[0].headers["x-token"] == "s3cret")
        #expect(try TraceSchema.text(of: requests[1].bytes).contains(#"name: "rules""#))
    }

    @Test("A batch that the collector refuses is dropped, one that it has no time for is sent again")
    func failures() async throws {
        let receiver = try HTTPReceiver { number, _ in .status([400, 503, 200][min(number, 2)]) }
        let exporter = try exporter(receiver)
        let running = Task { try await exporter.run() }
        try trace("first")
        try await eventually("drops the first") { exporter.statistics.dropped["http_400"] == 2 }
        try trace("second")
        try await eventually("sends the second again") { exporter.statistics.exported == 2 }
        #expect(exporter.statistics.failedRequests == ["http_400": 1, "http_503": 1])
        running.cancel()
        _ = await running.result
    }

    @Test("While the collector hangs spans wait, at most so many, and the others are counted; nobody waits for it")
    func hanging() async throws {
        let receiver = try HTTPReceiver { _, _ in .silence }
        let exporter = try exporter(receiver)
        let running = Task { try await exporter.run() }
        for _ in 0..<Tracer.capacity { try trace("poll") }
        let statistics = exporter.statistics
        let dropped = statistics.dropped["queue_full"] ?? 0
        #expect(dropped >= Tracer.capacity - 512, "each trace has two spans: \(statistics)")
        #expect(tracer.statistics.queued <= Tracer.capacity)
        #expect(statistics.queued + dropped + statistics.exported == Tracer.capacity * 2)
        running.cancel()
        _ = await running.result
    }

    @Test("The share that is kept is the one asked for; parts of what is kept are kept", arguments: [0.0, 0.25, 1.0])
    func sampling(ratio: Double) async throws {
        let tracer = Tracer(ratio: ratio)
        var kept = 0
        for _ in 0..<4000 where tracer.begin() != nil { kept += 1 }
        #expect(abs(Double(kept) / 4000 - ratio) < 0.05)
        let parent = try #require(Tracer(ratio: 1).begin()).context
        let child = Tracer.$current.withValue(parent) { tracer.begin() }
        #expect(child?.context.trace.low == parent.trace.low)
    }

    @Test("A span is told to other programs as W3C wants it")
    func traceParent() throws {
        let text = try #require(tracer.begin()).context.traceParent
        let parts = text.split(separator: "-")
        #expect(parts.map(\.count) == [2, 32, 16, 2] && parts[0] == "00" && parts[3] == "01")
        #expect(text.allSatisfy { "0123456789abcdef-".contains($0) })
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
