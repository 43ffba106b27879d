import Metrics
import Testing

@Suite("Text exposition")
struct TextExpositionTests {
    private let table: SeriesKeyTable
    private let first: FamilyID

    init() {
        var catalog = MetricCatalog()
        first = catalog.add([
            MetricRow("z", "redis_z_bytes", .gauge, .bytes, help: "Bytes with a \\ and a \"quote\"."),
            MetricRow("c", "redis_commands_total", .counter, labels: ["cmd"], help: "Calls."),
            MetricRow("e", "redis_total_errors", .counter, help: "Errors."),
            MetricRow("l", "redis_latency", .histogram, labels: ["cmd"], help: "Latency."),
            MetricRow("u", "redstart_own", .unknown, help: "Own."),
        ])
        table = SeriesKeyTable(catalog: catalog)
    }

    private func samples(_ fill: (inout SampleBuffer) -> Void) -> PollSamples {
        var buffer = SampleBuffer()
        fill(&buffer)
        var resolver = SeriesResolver(table: table)
        return resolver.resolve(buffer, at: 1)
    }

    private func render(_ nodes: [ExposedNode], _ format: ExpositionFormat) -> String {
        String(decoding: TextExposition(table: table).render(nodes, as: format), as: UTF8.self)
    }

    private var mixed: PollSamples {
        samples { buffer in
            buffer.append(first, 1.5)
            var start = buffer.labelStart
            buffer.addLabel("a\"b\\c\nd")
            buffer.append(first.advanced(by: 1), labelsFrom: start, 3)
            buffer.append(first.advanced(by: 2), 4)
            start = buffer.labelStart
            buffer.addLabel("get")
            buffer.append(first.advanced(by: 3), role: .sum, labelsFrom: start, 0.25)
            buffer.append(first.advanced(by: 3), role: .count, labelsFrom: start, 2)
            buffer.addLabel("+Inf")
            buffer.append(first.advanced(by: 3), role: .bucket, labelsFrom: start, 2)
            buffer.append(first.advanced(by: 4), .nan)
        }
    }

    @Test("The text format has families sorted, help and type once, labels escaped")
    func prometheusText() {
        #expect(
            render([ExposedNode(labelText: [], samples: mixed)], .prometheusText) == #"""
                # HELP redis_commands_total Calls.
                # TYPE redis_commands_total counter
                redis_commands_total{cmd="a\"b\\c\nd"} 3
                # HELP redis_latency Latency.
                # TYPE redis_latency histogram
                redis_latency_sum{cmd="get"} 0.25
                redis_latency_count{cmd="get"} 2
                redis_latency_bucket{cmd="get",le="+Inf"} 2
                # HELP redis_total_errors Errors.
                # TYPE redis_total_errors counter
                redis_total_errors 4
                # HELP redis_z_bytes Bytes with a \\ and a "quote".
                # TYPE redis_z_bytes gauge
                redis_z_bytes 1.5
                # HELP redstart_own Own.
                # TYPE redstart_own untyped
                redstart_own NaN

                """#
        )
    }

    @Test("OpenMetrics keeps every series name: a counter without _total is unknown there")
    func openMetrics() {
        #expect(
            render([ExposedNode(labelText: [], samples: mixed)], .openMetrics) == #"""
                # TYPE redis_commands counter
                # HELP redis_commands Calls.
                redis_commands_total{cmd="a\"b\\c\nd"} 3
                # TYPE redis_latency histogram
                # HELP redis_latency Latency.
                redis_latency_sum{cmd="get"} 0.25
                redis_latency_count{cmd="get"} 2
                redis_latency_bucket{cmd="get",le="+Inf"} 2
                # TYPE redis_total_errors unknown
                # HELP redis_total_errors Errors.
                redis_total_errors 4
                # TYPE redis_z_bytes gauge
                # UNIT redis_z_bytes bytes
                # HELP redis_z_bytes Bytes with a \\ and a \"quote\".
                redis_z_bytes 1.5
                # TYPE redstart_own unknown
                # HELP redstart_own Own.
                redstart_own NaN
                # EOF

                """#
        )
    }

    @Test("Families of several nodes are joined, each series with the labels of its node")
    func nodes() {
        let up = samples { $0.append(first, 1) }
        let other = samples { buffer in
            let start = buffer.labelStart
            buffer.addLabel("get")
            buffer.append(first.advanced(by: 1), labelsFrom: start, 2)
            buffer.append(first, 9)
        }
        let text = render(
            [
                ExposedNode(labelText: LabelText.render(Labels([("instance", "a:1")])), samples: up),
                ExposedNode(labelText: LabelText.render(Labels([("instance", "b:2")])), samples: other),
            ],
            .prometheusText
        )
        #expect(
            text == #"""
                # HELP redis_commands_total Calls.
                # TYPE redis_commands_total counter
                redis_commands_total{cmd="get",instance="b:2"} 2
                # HELP redis_z_bytes Bytes with a \\ and a "quote".
                # TYPE redis_z_bytes gauge
                redis_z_bytes{instance="a:1"} 1
                redis_z_bytes{instance="b:2"} 9

                """#
        )
    }

    @Test("Another namespace replaces `redis` at the front of names, and nowhere else")
    func namespace() throws {
        let namespace = try #require(ExpositionNamespace("valkey"))
        let plain = render([ExposedNode(labelText: [], samples: mixed)], .openMetrics)
        let renamed = String(decoding: namespace.apply(to: Array(plain.utf8)), as: UTF8.self)
        #expect(renamed == plain.replacing(" redis_", with: " valkey_").replacing("\nredis_", with: "\nvalkey_"))
        #expect(renamed.contains("\nvalkey_z_bytes 1.5\n") && renamed.contains("\nredstart_own NaN\n"))
        #expect(!renamed.contains("redis_") && renamed.hasSuffix("# EOF\n"))
        #expect(ExpositionNamespace("redis") == .redis)
        #expect(ExpositionNamespace("1x") == nil && ExpositionNamespace("a-b") == nil)
    }

    @Test("A summary of percentiles is three unknown families in OpenMetrics, which has no such quantiles")
    func percentiles() {
        var catalog = MetricCatalog()
        let family = catalog.add([
            MetricRow("p", "redis_p_usec", .summary, labels: ["cmd"], hasPercentileQuantiles: true, help: "P.")
        ])
        let table = SeriesKeyTable(catalog: catalog)
        var buffer = SampleBuffer()
        for command in ["get", "set"] {
            let start = buffer.labelStart
            buffer.addLabel(command)
            buffer.append(family, role: .sum, labelsFrom: start, 5)
            buffer.append(family, role: .count, labelsFrom: start, 2)
            buffer.addLabel("99.9")
            buffer.append(family, labelsFrom: start, 3)
        }
        var resolver = SeriesResolver(table: table)
        let node = ExposedNode(labelText: [], samples: resolver.resolve(buffer, at: 1))
        let text = TextExposition(table: table).render([node], as: .openMetrics)
        #expect(
            String(decoding: text, as: UTF8.self) == #"""
                # TYPE redis_p_usec unknown
                # HELP redis_p_usec P.
                redis_p_usec{cmd="get",quantile="99.9"} 3
                redis_p_usec{cmd="set",quantile="99.9"} 3
                # TYPE redis_p_usec_sum unknown
                # HELP redis_p_usec_sum P.
                redis_p_usec_sum{cmd="get"} 5
                redis_p_usec_sum{cmd="set"} 5
                # TYPE redis_p_usec_count unknown
                # HELP redis_p_usec_count P.
                redis_p_usec_count{cmd="get"} 2
                redis_p_usec_count{cmd="set"} 2
                # EOF

                """#
        )
        let plain = String(decoding: TextExposition(table: table).render([node], as: .prometheusText), as: UTF8.self)
        #expect(plain.contains("# TYPE redis_p_usec summary\nredis_p_usec_sum{cmd=\"get\"} 5\n"))
    }

    @Test("No node gives an empty text, and in OpenMetrics the end mark")
    func empty() {
        #expect(render([], .prometheusText).isEmpty)
        #expect(render([ExposedNode(labelText: [], samples: .none(at: 1))], .openMetrics) == "# EOF\n")
    }
}
