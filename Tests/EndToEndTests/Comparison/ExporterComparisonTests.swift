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

    @Test("With everything on nothing is missing and nothing different", arguments: ComparedRole.allCases)
    func everything(role: ComparedRole) async throws {
        let compared = try await ComparedServer.start(role)
        if role == .standalone || role == .master { try await compared.addKeysToCheck() }
        let folder = try TemporaryDirectory()
        let script = try folder.write("return {'answer', '42', 'half', '0.5'}", to: "script.lua")
        var flags = [
            "--include-config-metrics", "--export-client-list", "--include-system-metrics", "--is-tile38=false",
            "--ping-on-connect",
        ]
        if role != .sentinel {
            flags += [
                "--check-keys=db0=*,db3=s*", "--check-single-keys=db0=text,db0=none", "--count-keys=db0=*",
                "--check-single-streams=db0=stream", "--check-key-groups=^(.).*", "--script=\(script)",
            ]
        }
        let differences = try await differences(at: compared.server.address, role, flags)
        #expect(differences == [])
    }

    @Test("Each family that moves by nature is listed once, with a reason")
    func listIsClean() {
        let lists = Movement.list + Movement.listWithChecks
        let families = lists.map(\.family)
        #expect(Set(families).count == families.count)
        #expect(lists.allSatisfy { !$0.reason.isEmpty })
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
                // On a machine that is busy with other tests checks would pause for long.
                + (flags.isEmpty ? [] : ["--check-budget", "1"])
        )
        if flags.contains(where: { $0.hasPrefix("--check-keys") }) {
            // Checks have a schedule of their own.
            try await redstart.process.wait(seconds: 150, for: "has made its checks") {
                (try? redstart.get("/metrics").text).map { text in
                    ["redis_keys_count{", "redis_script_", "redis_number_of_distinct_key_groups{"].allSatisfy(
                        text.contains)
                } == true
            }
        }
        // What the first scrape of each makes of the server, such as a first connection, is past then.
        for _ in 0..<2 {
            _ = try exporter.scrape()
            _ = try redstart.get("/metrics")
        }
        let comparison = ScrapeComparison(
            before: try exporter.scrape(),
            ours: try ScrapedText(try redstart.get("/metrics").text),
            after: try exporter.scrape(),
            deviations: deviations(role),
            withChecks: !flags.isEmpty
        )
        #expect(comparison.before.value("redis_up") == 1)
        #expect(comparison.before.series.count > 100)
        return comparison.differences
    }

    /// What Redstart leaves out on purpose, as its own list says.
    private func deviations(_ role: ComparedRole) -> Set<String> {
        guard role == .sentinel else { return [] }
        let written = CollectorCatalog.deviations.filter { $0.text.contains("a Sentinel has no databases") }
        let names = Set(written.map(\.row.name))
        return names.isEmpty ? [] : names.union(["redis_db_keys_expiring"])
    }
}
