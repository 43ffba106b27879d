import TestServers

/// Debian's `prometheus-redis-exporter`, watching one server.
struct ExporterProcess {
    let process: ServerProcess
    let port: Int

    static func start(_ address: String, _ arguments: [String] = []) async throws -> ExporterProcess {
        let port = try freePort()
        let process = try ServerProcess(
            "prometheus-redis-exporter",
            ["-redis.addr", "redis://\(address)", "-web.listen-address", "127.0.0.1:\(port)"] + arguments,
            in: try TemporaryDirectory()
        )
        let exporter = ExporterProcess(process: process, port: port)
        try await process.wait(for: "answers") { (try? HTTPProbe.get("/", port: port).status) == 200 }
        return exporter
    }

    func scrape() throws -> ScrapedText {
        try ScrapedText(try HTTPProbe.get("/metrics", port: port).text)
    }
}
