import FoundationEssentials
import Testing

@testable import RedisCollectors

@Suite struct GoldenScrapeTests {
    static let servers = ["redis-6.2", "redis-7.0", "redis-8.0", "valkey-8.1"]

    static let scrapes: [(server: String, role: String)] =
        servers.flatMap { server in ["standalone", "sentinel", "cluster-master"].map { (server, $0) } }
        + ["redis-8.0", "valkey-8.1"].flatMap { server in
            ["empty", "loading", "master-two-replicas", "replica-broken", "replica-syncing", "cluster-fail-master"].map
            {
                (server, $0)
            }
        }
        + ["sentinel-master-down", "sentinel-no-quorum", "sentinel-tilt"].map { ("redis-8.0", $0) }

    @Test("A scrape of a captured server is the stored text, nothing skipped, nothing twice", arguments: scrapes)
    func scrapeIsGolden(server: String, role: String) throws {
        let scrape = Scrape.full(FixtureServer(server: server, role: role))
        #expect(scrape.skipped == 0)
        #expect(scrape.duplicates == 0)
        try expectGolden(scrape.text, "\(server)-\(role)")
    }

    @Test("A scrape with every option on is the stored text", arguments: ["redis-8.0", "valkey-8.1"])
    func scrapeWithEverythingIsGolden(server: String) throws {
        var options = CollectorOptions()
        options.includeConfigMetrics = true
        options.includeSystemMetrics = true
        options.includeModulesMetrics = true
        options.exportClientList = true
        options.exportClientPort = true
        options.includeUnknownInfo = true
        options.includeSentinelPeerInfo = true
        let node = FixtureServer(server: server, role: "standalone")
        let scrape = Scrape.full(node, options: options)
        #expect(scrape.skipped == 0)
        #expect(scrape.state.unknownFields.isEmpty)
        #expect(!scrape.text.contains("fixture-secret"))
        try expectGolden(scrape.text, "\(server)-everything")
    }

    /// Compares with a stored text; with `REDSTART_UPDATE_GOLDEN` set it is written anew, to be read before it is kept.
    ///
    /// Help texts and the many buckets of histograms have tests of their own and are left out.
    private func expectGolden(_ exposition: String, _ name: String) throws {
        let text = exposition.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("# HELP") && !$0.contains("_bucket{") }
            .joined(separator: "\n")
        let file = FixtureServer.folder.appending(path: "golden/\(name).prom")
        if ProcessInfo.processInfo.environment["REDSTART_UPDATE_GOLDEN"] != nil {
            try Data(text.utf8).write(to: file)
        }
        let stored = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        let difference = firstDifference(text, stored)
        #expect(difference == nil)
    }

    private func firstDifference(_ text: String, _ stored: String) -> String? {
        let lines = text.split(separator: "\n")
        let storedLines = stored.split(separator: "\n")
        for (line, storedLine) in zip(lines, storedLines) where line != storedLine {
            return "now: \(line)\nstored: \(storedLine)"
        }
        return lines.count == storedLines.count ? nil : "\(lines.count) lines instead of \(storedLines.count)"
    }
}
