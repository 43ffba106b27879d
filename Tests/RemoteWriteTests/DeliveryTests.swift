import HTTPClient
import Logging
import Metrics
import NIOPosix
import Outbound
import Synchronization
import TestServers
import Testing
import TimeSeriesStore

@testable import RemoteWrite

/// What was logged, a line each.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var all: [String] {
        lines.withLock { $0 }
    }
}

private struct KeptLog: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.append("\(event.level) \(event.message) " + fields.joined(separator: " "))
    }
}

/// A writer at work on a store of its own.
private final class WriterAtWork: Sendable {
    let table = SeriesKeyTable(catalog: MetricCatalog())
    let store: TimeSeriesStore
    let writer: RemoteWriter
    let keys: [SeriesKey]
    let log = LogLines()
    private let group: SeriesGroup

    init(_ configuration: RemoteWriteConfiguration, directory: String? = nil, series: Int = 1) {
        store = TimeSeriesStore(keys: table)
        writer = RemoteWriter(
            configuration,
            directory: directory,
            store: store,
            client: HTTPClient(eventLoops: MultiThreadedEventLoopGroup.singleton),
            families: FamilyIndex(MetricCatalog()),
            logger: Logger(label: "test") { [log] _ in KeptLog(lines: log) }
        )
        keys = (0..<series).map { [table] in table.intern(Labels([("__name__", "m\($0)")])) }
        group = store.addGroup(labels: Labels([("instance", "a")]))
    }

    deinit {
        // Else it would go on trying for as long as other tests run.
        Task { [writer] in await writer.reconfigure(RemoteWriteConfiguration()) }
    }

    /// Appends a poll: all values are its time.
    func poll(_ time: Int64) throws {
        try store.append(keys: keys, values: keys.map { _ in Double(time) }, at: time, to: group)
    }

    func statistics(_ endpoint: Int = 0) throws -> EndpointStatistics {
        let all = try #require(writer.statistics).endpoints
        return all[endpoint].statistics
    }
}

@Suite("Delivery to endpoints of remote write")
struct DeliveryTests {
    private func configuration(
        _ ports: Int...,
        format: EndpointConfiguration.Format = .remoteWrite1,
        maxSamples: Int = 100
    ) throws -> RemoteWriteConfiguration {
        var configuration = RemoteWriteConfiguration()
        for port in ports {
            var endpoint = EndpointConfiguration(
                name: "\(port)",
                url: try HTTPURL("http://127.0.0.1:\(port)/write"),
                format: format
            )
            endpoint.sending.deadline = .milliseconds(20)
            endpoint.sending.maxSamples = maxSamples
            endpoint.sending.backoff = Backoff(first: 5, longest: 20)
            endpoint.access.timeout = .seconds(20)
            configuration.endpoints.append(endpoint)
        }
        return configuration
    }

    private func expected(_ series: Int, _ times: ClosedRange<Int64>) -> Set<ReadSample> {
        Set(times.flatMap { time in (0..<series).map { ReadSample("m\($0){instance=\"a\"}", time, Double(time)) } })
    }

    @Test("After the end no configuration begins anything, whether it came before or later")
    func noneAfterTheEnd() async throws {
        let receiver = try HTTPReceiver()
        let atWork = WriterAtWork(RemoteWriteConfiguration())
        let running = Task { try await atWork.writer.run() }
        running.cancel()
        let settings = try configuration(receiver.port)
        async let meanwhile: Void = atWork.writer.reconfigure(settings)
        try await running.value
        await meanwhile
        await atWork.writer.reconfigure(settings)
        try atWork.poll(1)
        // Begun before the end it was ended with it, else it never begins.
        if atWork.writer.statistics != nil { #expect(try atWork.statistics().pending == 0) }
        #expect(receiver.requests.isEmpty)
    }

    @Test("Version 1.0 comes with its header fields, every sample once, those of a series in order")
    func version1() async throws {
        let receiver = try HTTPReceiver()
        var configuration = try configuration(receiver.port)
        configuration.endpoints[0].headers = [EndpointConfiguration.Header(name: "X-Scope-OrgID", value: "me")]
        let work = WriterAtWork(configuration, series: 70)
        for time in Int64(1)...40 { try work.poll(time) }
        try await eventually("all is sent") { try work.statistics().sent == 2800 && work.statistics().pending == 0 }
        let requests = receiver.requests
        let received = requests.flatMap(samples(in:))
        #expect(received.count == 2800 && Set(received) == expected(70, 1...40))
        for series in 0..<70 {
            let times = received.filter { $0.labels.hasPrefix("m\(series){") }.map(\.timestamp)
            #expect(times == times.sorted())
        }
        for request in requests {
            #expect(samples(in: request).count <= 100)
            #expect(request.line == "POST /write" && request.headers["content-encoding"] == "snappy")
            #expect(request.headers["content-type"] == "application/x-protobuf")
            #expect(request.headers["x-prometheus-remote-write-version"] == "0.1.0")
            #expect(request.headers["x-scope-orgid"] == "me" && request.headers["user-agent"] == "Redstart")
        }
        let statistics = try work.statistics()
        #expect(statistics.pending == 0 && statistics.lagSeconds == 0 && statistics.dropped == [:])
        #expect(statistics.bytes == requests.reduce(0) { $0 + $1.bytes.count })
    }

    @Test("What fails is tried again until it is taken: 500, 429, garbage, a connection that ends")
    func retries() async throws {
        let receiver = try HTTPReceiver { number, _ in
            switch number {
            case 0: .status(500)
            case 1: .status(429, headers: ["Retry-After: 1"])
            case 2: .bytes("garbage\r\n\r\n")
            case 3: .bytes("")
            case 4: .status(503)
            default: .status(204)
            }
        }
        let work = WriterAtWork(try configuration(receiver.port))
        let start = ContinuousClock.now
        try work.poll(1)
        try await eventually("it is sent") { try work.statistics().sent == 1 }
        #expect(ContinuousClock.now - start >= .seconds(1), "the far side asked for a second")
        #expect(receiver.requests.count == 6 && Set(receiver.requests.map(\.bytes)).count == 1)
        let statistics = try work.statistics()
        #expect(statistics.retried == 5 && statistics.dropped == [:])
        #expect(statistics.failedAttempts["http_429"] == 1 && statistics.failedAttempts["http_500"] == 1)
    }

    @Test("What is refused for good is dropped and counted, and the next is sent", arguments: [400, 401, 404, 413])
    func refusal(status: Int) async throws {
        let receiver = try HTTPReceiver { number, _ in .status(number == 0 ? status : 200) }
        let work = WriterAtWork(try configuration(receiver.port))
        try work.poll(1)
        try await eventually("it is dropped") { try work.statistics().dropped["http_\(status)"] == 1 }
        try work.poll(2)
        try await eventually("the next is sent") { try work.statistics().sent == 1 }
        #expect(receiver.requests.count == 2)
    }

    /// How a far side can fail so that what waits is kept.
    enum Trouble: CaseIterable {
        case gone, slow, full, loginPage, elsewhere
    }

    @Test(
        "A far side that is gone, slow, full or not what it should be: one line says so, and nothing is lost",
        arguments: Trouble.allCases
    )
    func trouble(_ trouble: Trouble) async throws {
        let other = try HTTPReceiver()
        let isWell = Mutex(false)
        let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<p>Sign in</p>\n"
        let far = try HTTPReceiver { [port = other.port] _, _ in
            if isWell.withLock({ $0 }) { return .status(204) }
            return switch trouble {
            case .gone: .bytes("")
            case .slow: .silence
            case .full: .bytes("HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 9\r\n\r\ndisk full")
            case .loginPage: .bytes(page)
            case .elsewhere: .status(307, headers: ["Location: http://127.0.0.1:\(port)/login"])
            }
        }
        let (reason, answer) =
            switch trouble {
            case .gone: ("incomplete", "closed")
            case .slow: ("timeout", "no answer in time")
            case .full: ("http_507", "disk full")
            case .loginPage: ("html", "<p>Sign in</p>")
            case .elsewhere: ("redirects", "it redirects to http://127.0.0.1:\(other.port)")
            }
        var configuration = try configuration(far.port)
        if trouble == .slow { configuration.endpoints[0].access.timeout = .milliseconds(300) }
        configuration.endpoints[0].headers = [EndpointConfiguration.Header(name: "X-Key", value: "secret")]
        let work = WriterAtWork(configuration)
        for time in Int64(1)...3 { try work.poll(time) }
        try await eventually("it was tried twice") { try work.statistics().failedAttempts[reason, default: 0] >= 2 }
        let lines = work.log.all.filter { $0.contains("takes no samples") }
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("warning") && lines[0].contains("reason=\(reason)") && lines[0].contains(answer))
        #expect(!work.log.all.joined().contains("secret") && other.requests.isEmpty)
        isWell.withLock { $0 = true }
        try await eventually("all is sent") { try work.statistics().sent == 3 && work.statistics().pending == 0 }
        #expect(try work.statistics().dropped == [:])
        #expect(work.log.all.last?.contains("takes samples again") == true)
    }

    @Test("What is refused for good is said with the far side's words, and not over and over")
    func refusalLine() async throws {
        let body = "remote write receiver\n is disabled"
        let far = try HTTPReceiver { _, _ in
            .bytes("HTTP/1.1 404 Not Found\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        let work = WriterAtWork(try configuration(far.port))
        for time in Int64(1)...3 {
            try work.poll(time)
            try await eventually("it is dropped") { try work.statistics().dropped["http_404"] == Int(time) }
        }
        let lines = work.log.all.filter { $0.contains("refuses samples for good") }
        #expect(lines.count == 1 && lines[0].contains("answer=remote write receiver  is disabled"))
    }

    private static let written = "X-Prometheus-Remote-Write-Samples-Written"

    @Test("Version 2.0: what the far side says it has written counts")
    func version2() async throws {
        let receiver = try HTTPReceiver { number, _ in
            .status(200, headers: ["\(Self.written): \(number == 0 ? 2 : 3)"])
        }
        let work = WriterAtWork(try configuration(receiver.port, format: .remoteWrite2), series: 3)
        try work.poll(1)
        try await eventually("it is sent") { try work.statistics().sent == 2 }
        try work.poll(2)
        try await eventually("it is sent") { try work.statistics().sent == 5 }
        #expect(try work.statistics().dropped == ["not_written": 1])
        #expect(Set(receiver.requests.flatMap(samples(in:))) == expected(3, 1...2))
        let type = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
        #expect(receiver.requests.allSatisfy { $0.headers["content-type"] == type })
        #expect(receiver.requests.allSatisfy { $0.headers["x-prometheus-remote-write-version"] == "2.0.0" })
    }

    @Test("A far side that knows only 1.0 gets that, whether it says so or not", arguments: [415, 204])
    func fallback(status: Int) async throws {
        let receiver = try HTTPReceiver { _, request in
            .status(request.headers["x-prometheus-remote-write-version"] == "2.0.0" ? status : 200)
        }
        let work = WriterAtWork(try configuration(receiver.port, format: .remoteWrite2), series: 3)
        try work.poll(1)
        try await eventually("it is sent") { try work.statistics().sent == 3 }
        try work.poll(2)
        try await eventually("it is sent") { try work.statistics().sent == 6 }
        let versions = receiver.requests.map { $0.headers["x-prometheus-remote-write-version"] }
        #expect(versions == ["2.0.0", "0.1.0", "0.1.0"])
        #expect(Set(receiver.requests.dropFirst().flatMap(samples(in:))) == expected(3, 1...2))
    }

    @Test("OTLP comes as it is, again where it may, and what was rejected or refused is counted")
    func otlp() async throws {
        let receiver = try HTTPReceiver { number, _ in
            switch number {
            case 0: .status(503)
            // A partial success: one data point was rejected.
            case 1: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\u{0A}\u{02}\u{08}\u{01}")
            default: .status(501)
            }
        }
        let work = WriterAtWork(try configuration(receiver.port, format: .otlp), series: 3)
        try work.poll(1)
        try await eventually("two of three are taken") { try work.statistics().sent == 2 }
        #expect(try work.statistics().dropped == ["not_written": 1])
        #expect(try work.statistics().failedAttempts == ["http_503": 1])
        try work.poll(2)
        try await eventually("all are refused") { try work.statistics().dropped["http_501"] == 3 }
        let requests = receiver.requests
        #expect(requests.count == 3 && requests[0].bytes == requests[1].bytes)
        for request in requests {
            #expect(request.headers["content-type"] == "application/x-protobuf")
            #expect(request.headers["content-encoding"] == nil)
            let text = String(decoding: request.bytes, as: UTF8.self)
            for name in ["m0", "m1", "m2"] { #expect(text.contains(name)) }
        }
    }

    @Test("An endpoint that does not answer delays neither appends nor other endpoints")
    func slow() async throws {
        let silent = try HTTPReceiver { _, _ in .silence }
        let receiver = try HTTPReceiver()
        let work = WriterAtWork(try configuration(silent.port, receiver.port), series: 100)
        for time in Int64(1)...500 { try work.poll(time) }
        try await eventually("the other one has all") { try work.statistics(1).sent == 50_000 }
        let slow = try work.statistics(0)
        #expect(slow.sent == 0 && slow.pending == 50_000 && slow.lagSeconds >= 0)
        #expect(try #require(work.writer.statistics).queue.memoryBytes < 2 << 20)
    }

    @Test("Reloading: what stays is not disturbed, what changes goes on where it was, what goes is forgotten")
    func reload() async throws {
        let (kept, moved, new) = (try HTTPReceiver(), try HTTPReceiver { _, _ in .status(503) }, try HTTPReceiver())
        var configuration = try configuration(kept.port, moved.port)
        configuration.endpoints[1].name = "moving"
        let work = WriterAtWork(configuration)
        for time in Int64(1)...5 { try work.poll(time) }
        try await eventually("one has all, the other nothing") {
            try work.statistics(0).sent == 5 && work.statistics(1).retried > 0
        }
        configuration.endpoints[1].url = try HTTPURL("http://127.0.0.1:\(new.port)/")
        await work.writer.reconfigure(configuration)
        try await eventually("the other has all, too") { try work.statistics(1).sent == 5 }
        #expect(new.requests.flatMap(samples(in:)).map(\.timestamp) == [1, 2, 3, 4, 5])
        #expect(kept.requests.flatMap(samples(in:)).count == 5)
        await work.writer.reconfigure(RemoteWriteConfiguration())
        #expect(work.writer.statistics == nil)
        try work.poll(6)
        configuration.endpoints.removeLast()
        await work.writer.reconfigure(configuration)
        try work.poll(7)
        try await eventually("what comes after is sent") { try work.statistics().sent == 1 }
        #expect(kept.requests.flatMap(samples(in:)).map(\.timestamp) == [1, 2, 3, 4, 5, 7])
    }
}
