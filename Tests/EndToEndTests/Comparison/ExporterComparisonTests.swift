import Metrics
import RedisCollectors
import TestServers
import Testing

@Suite("Beside Debian's redis_exporter", .serialized)
struct ExporterComparisonTests {
    @Test("With default flags nothing is missing and nothing different", arguments: ComparedRole.allCases)
    func defaults(role: ComparedRole) async throws {
        let compared = try await ComparedServer.start(role)
        let differences = try await differences(at: compared.server.address, role)
        #expect(differences == [])
    }

    @Test("Each family that moves by nature is listed once, with a reason")
    func listIsClean() {
        let families = Movement.list.map(\.family)
        #expect(Set(families).count == families.count)
        #expect(Movement.list.allSatisfy { !$0.reason.isEmpty })
    }

    private func differences(
        at address: String,
        _ role: ComparedRole,
        _ flags: [String] = []
    ) async throws -> [String] {
        let exporter = try await ExporterProcess.start(address, flags)
        // Polls only when scraped, so that nothing happens in between.
        let redstart = try await RedstartProcess.serve(
            ["--scrape-max-age", "0s", "--poll-interval", "20m", "redis://\(address)"] + flags
        )
        // What the first scrape of each makes of the server, such as a first connection, is past then.
        for _ in 0..<2 {
            _ = try exporter.scrape()
            _ = try redstart.get("/metrics")
        }
        let comparison = ScrapeComparison(
            before: try exporter.scrape(),
            ours: try ScrapedText(try redstart.get("/metrics").text),
            after: try exporter.scrape(),
            deviations: deviations(role)
        )
        #expect(comparison.before.value("redis_up") == 1)
        #expect(comparison.before.series.count > 100)
        return comparison.differences
    }

    /// What Redstart leaves out on purpose, as its own list says.
    private func deviations(_ role: ComparedRole) -> Set<String> {
        let awaited: Set<String> = [
            "redis_last_key_groups_scrape_duration_milliseconds", "redis_target_scrape_request_errors_total",
        ]
        guard role == .sentinel else { return awaited }
        let written = CollectorCatalog.deviations.filter { $0.text.contains("a Sentinel has no databases") }
        let names = Set(written.map(\.row.name))
        return names.isEmpty ? awaited : names.union(["redis_db_keys_expiring"]).union(awaited)
    }
}
