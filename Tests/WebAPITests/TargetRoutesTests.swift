import Metrics
import RedisFleet
import TestServers
import Testing
import TimeSeriesStore

@testable import WebAPI

@Suite("/api/v1/targets, metadata and status")
struct TargetRoutesTests {
    @Test("A node that was not polled yet is a target of unknown health")
    func unknown() async throws {
        let api = try APIUnderTest(nodes: ["redis://cache-1:6379"])
        #expect(
            await api.get("/api/v1/targets").data == #"{"activeTargets":[{"discoveredLabels":"#
                + #"{"__address__":"cache-1:6379","__scheme__":"redis","__scrape_interval__":"15s","#
                + #""__scrape_timeout__":"5s","job":"redis"},"labels":{"instance":"cache-1:6379","job":"redis"},"#
                + #""scrapePool":"redis","scrapeUrl":"redis://cache-1:6379","globalUrl":"redis://cache-1:6379","#
                + #""lastError":"","lastScrape":"0001-01-01T00:00:00Z","lastScrapeDuration":0.0,"health":"unknown","#
                + #""scrapeInterval":"15s","scrapeTimeout":"5s"}],"droppedTargets":[],"#
                + #""droppedTargetCounts":{"redis":0}}"#
        )
    }

    @Test("A node that answers is up, one that does not is down, with the reason and without its password")
    func health() async throws {
        let redis = try await RedisServer.start(["--requirepass", "hunter2"])
        let closed = try freePort()
        let api = try APIUnderTest(nodes: [
            "redis://:hunter2@\(redis.address)", "redis://:hunter2@127.0.0.1:\(closed)",
        ])
        _ = await api.fleet.scrape(maxAge: .zero, deadline: .now + .seconds(20))
        let text = await api.get("/api/v1/targets").text
        #expect(text.contains(#""health":"up""#) && text.contains(#""health":"down""#))
        #expect(text.contains("connection refused"))
        #expect(!text.contains(#""lastScrape":"0001"#))
        #expect(!text.contains("hunter2"))
    }

    @Test("`state` and `scrapePool` select targets")
    func filters() async throws {
        let api = try APIUnderTest(nodes: ["redis://cache-1:6379"])
        for query in ["state=active", "state=any", "scrapePool=redis"] {
            #expect(await api.get("/api/v1/targets?\(query)").text.contains("cache-1"))
        }
        for query in ["state=dropped", "scrapePool=other"] {
            #expect(await api.get("/api/v1/targets?\(query)").data.hasPrefix(#"{"activeTargets":[],"#))
        }
        #expect(await api.get("/api/v1/scrape_pools").data == #"{"scrapePools":["redis"]}"#)
        #expect(
            await api.get("/api/v1/alertmanagers").data == #"{"activeAlertmanagers":[],"droppedAlertmanagers":[]}"#
        )
    }

    @Test("Metadata is the type, the unit and the help of each family in the catalogue")
    func metadata() async throws {
        let api = try APIUnderTest()
        #expect(
            await api.get("/api/v1/metadata?metric=process_cpu_seconds_total").data
                == #"{"process_cpu_seconds_total":[{"type":"counter","unit":"seconds","#
                + #""help":"User and system CPU time this process has used."}]}"#
        )
        #expect(await api.get("/api/v1/metadata?metric=nothing").data == "{}")
        let count = api.store.keys.catalog.rows.count
        let limits = [("", count), ("?limit=-1", count), ("?limit=0", 0), ("?limit=3&limit_per_metric=1", 3)]
        for (query, expected) in limits {
            let text = await api.get("/api/v1/metadata\(query)").text
            #expect(text.split(separator: #"":[{"type":""#).count == expected + 1)
        }
        for name in ["limit", "limit_per_metric"] {
            #expect(await api.get("/api/v1/metadata?\(name)=x").error == "bad_data: \(name) must be a number")
        }
    }

    @Test("The build says which Prometheus this is to clients, and which Redstart")
    func buildInfo() async throws {
        #expect(
            try await APIUnderTest().get("/api/v1/status/buildinfo").data
                == #"{"version":"3.5.0","revision":"redstart-1.2.3","branch":"","buildUser":"","buildDate":"","#
                + #""goVersion":""}"#
        )
    }

    @Test("Configuration and flags are shown as they were given")
    func configuration() async throws {
        let api = try APIUnderTest(configuration: "a: 1\n", flags: ["b": "2", "a": "1"])
        #expect(await api.get("/api/v1/status/config").data == #"{"yaml":"a: 1\n"}"#)
        #expect(await api.get("/api/v1/status/flags").data == #"{"a":"1","b":"2"}"#)
    }

    @Test("The runtime has the fields that clients of Prometheus read")
    func runtime() async throws {
        let text = try await APIUnderTest().get("/api/v1/status/runtimeinfo").data
        for key in [
            "startTime", "CWD", "hostname", "serverTime", "reloadConfigSuccess", "lastConfigTime", "corruptionCount",
            "goroutineCount", "GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GODEBUG",
        ] {
            #expect(text.contains("\"\(key)\":"))
        }
        #expect(text.contains(#""CWD":"/"#))
        #expect(text.hasSuffix(#""storageRetention":"1h"}"#))
    }

    @Test("The store tells how many series it has, and of what most")
    func tsdb() async throws {
        let api = try APIUnderTest()
        #expect(await api.get("/api/v1/status/tsdb").data.hasPrefix(#"{"headStats":{"numSeries":0,"numLabelPairs":0,"#))
        try api.add("up", [("job", "a")], [(10_000, 1)])
        try api.add("up", [("job", "bb")], [(20_000, 1)])
        #expect(
            await api.get("/api/v1/status/tsdb?limit=1").data
                == #"{"headStats":{"numSeries":2,"numLabelPairs":3,"chunkCount":0,"minTime":10000,"maxTime":20000},"#
                + #""seriesCountByMetricName":[{"name":"up","value":2}],"#
                + #""labelValueCountByLabelName":[{"name":"job","value":2}],"#
                + #""memoryInBytesByLabelName":[{"name":"job","value":3}],"#
                + #""seriesCountByLabelValuePair":[{"name":"__name__=up","value":2}]}"#
        )
        for limit in ["0", "-1", "x"] {
            #expect(
                await api.get("/api/v1/status/tsdb?limit=\(limit)").error == "bad_data: limit must be a positive number"
            )
        }
    }
}
