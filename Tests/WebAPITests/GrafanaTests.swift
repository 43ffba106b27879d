import Metrics
import Testing

@testable import WebAPI

/// The requests that Grafana's Prometheus data source makes, one after another, with what it reads of the answers.
@Suite("As Grafana asks")
struct GrafanaTests {
    private func api(now: Int64) throws -> APIUnderTest {
        let api = try APIUnderTest()
        for (instance, value) in [("a:6379", 1.0), ("b:6379", 2.0)] {
            let samples = (0..<240).map { (now - 3_600_000 + Int64($0) * 15_000, value * Double($0)) }
            try api.add("redis_commands_processed_total", [("job", "redis"), ("instance", instance)], samples)
        }
        return api
    }

    @Test("Save and test: the health check and the build")
    func health() async throws {
        let now = WallClock.milliseconds()
        let api = try api(now: now)
        let check = await api.post("/api/v1/query", [("query", "1+1"), ("time", "\(now / 1000)")])
        #expect(check.data == #"{"resultType":"scalar","result":[\#(now / 1000),"2"]}"#)
        struct Build: Decodable {
            let version: String
        }
        let build = try await PrometheusAnswer<Build>(api.get("/api/v1/status/buildinfo").text)
        #expect(build.status == "success" && build.data?.version.hasPrefix("3.") == true)
    }

    @Test("The query builder: labels, values, series and metadata")
    func builder() async throws {
        let now = WallClock.milliseconds()
        let api = try api(now: now)
        let span = [("start", "\(now / 1000 - 3600)"), ("end", "\(now / 1000)")]
        let match = ("match[]", #"{__name__="redis_commands_processed_total"}"#)
        let names = try await PrometheusAnswer<[String]>(api.post("/api/v1/labels", span + [match]).text)
        #expect(names.data == ["__name__", "instance", "job"])
        let metrics = try await PrometheusAnswer<[String]>(
            api.get("/api/v1/label/__name__/values", span + [("limit", "40000")]).text
        )
        #expect(metrics.data == ["redis_commands_processed_total"])
        let instances = try await PrometheusAnswer<[String]>(
            api.get("/api/v1/label/instance/values", span + [match, ("match[]", #"{job=~"re.*"}"#)]).text
        )
        #expect(instances.data == ["a:6379", "b:6379"])
        let series = try await PrometheusAnswer<[[String: String]]>(api.post("/api/v1/series", span + [match]).text)
        #expect(series.data?.map { $0["instance"] } == ["a:6379", "b:6379"])
        struct Metadata: Decodable {
            let type: String
            let help: String
            let unit: String
        }
        let text = await api.get("/api/v1/metadata", [("limit", "5000")]).text
        let metadata = try PrometheusAnswer<[String: [Metadata]]>(text)
        #expect(metadata.data?["redis_commands_processed_total"]?.first?.type == "counter")
    }

    @Test("A panel: a range query by form, with a step in seconds and times in fractions of one")
    func panel() async throws {
        let now = WallClock.milliseconds() / 15_000 * 15_000
        let api = try api(now: now)
        let items = [
            ("query", "sum by (instance) (rate(redis_commands_processed_total[1m0s]))"),
            ("start", "\((now - 900_000) / 1000).000"), ("end", "\((now - 60_000) / 1000).000"), ("step", "15"),
        ]
        let answer = try await PrometheusAnswer<QueryData>(api.post("/api/v1/query_range", items).text)
        #expect(answer.data?.resultType == "matrix")
        #expect(answer.data?.rows.map { $0.points.count } == [57, 57])
        #expect(answer.data?.rows.first?.points.first?.time == Double((now - 900_000) / 1000))
        let last = try #require(answer.data?.rows.last?.points.last)
        #expect(abs(last.value - 2.0 / 15) < 1e-9)
    }

    @Test("A stat panel, the exemplars beside it, and the list of alert rules")
    func others() async throws {
        let now = WallClock.milliseconds()
        let api = try api(now: now)
        let items = [("query", "count(redis_commands_processed_total)"), ("time", "\(Double(now) / 1000)")]
        let stat = try await PrometheusAnswer<QueryData>(api.post("/api/v1/query", items).text)
        #expect(stat.data?.rows.first?.points.first?.value == 2)
        let span = [("query", "up"), ("start", "\(now / 1000 - 60)"), ("end", "\(now / 1000)")]
        #expect(await api.post("/api/v1/query_exemplars", span).data == "[]")
        #expect(await api.get("/api/v1/rules").data == #"{"groups":[]}"#)
        #expect(await api.get("/api/v1/alerts").data == #"{"alerts":[]}"#)
    }
}
