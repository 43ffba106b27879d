/// A Prometheus with a folder of its own.
public struct PrometheusServer: Sendable {
    /// The process, to stop or read the log of.
    public let process: ServerProcess
    /// Where it listens on 127.0.0.1.
    public let port: Int

    /// Starts one and waits until it is ready.
    ///
    /// - Parameters:
    ///   - directory: Where its `prometheus.yml` is; its data goes to `data` there.
    ///   - port: A free one if none is given.
    public static func start(
        _ program: String = "prometheus",
        in directory: TemporaryDirectory,
        port: Int? = nil,
        _ options: [String] = []
    ) async throws -> PrometheusServer {
        let port = try port ?? freePort()
        let process = try ServerProcess(
            program,
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:\(port)",
            ] + options,
            in: directory
        )
        try await process.wait(seconds: 60, for: "is ready") {
            (try? HTTPProbe.get("/-/ready", port: port))?.status == 200
        }
        return PrometheusServer(process: process, port: port)
    }
}

/// An Alertmanager that hands every alert on to one webhook.
public struct AlertmanagerServer: Sendable {
    /// The process, to stop or read the log of.
    public let process: ServerProcess
    /// Where it listens on 127.0.0.1.
    public let port: Int

    /// Starts one that groups by the name of the alert, and waits until it is ready.
    ///
    /// - Parameters:
    ///   - receiver: The port of the webhook on 127.0.0.1.
    ///   - groupWait: How long a group waits for more alerts: `1s`.
    ///   - directory: Where its configuration and its data go.
    public static func start(
        telling receiver: Int,
        groupWait: String,
        in directory: TemporaryDirectory
    ) async throws -> AlertmanagerServer {
        let port = try freePort()
        let configuration = try directory.write(
            """
            route: {receiver: hook, group_by: [alertname], group_wait: \(groupWait), group_interval: 1s}
            receivers: [{name: hook, webhook_configs: [{url: 'http://127.0.0.1:\(receiver)/'}]}]
            """,
            to: "alertmanager.yml"
        )
        let process = try ServerProcess(
            "prometheus-alertmanager",
            [
                "--config.file=\(configuration)", "--storage.path=\(directory.file("am"))",
                "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
            ],
            in: directory
        )
        try await process.wait(for: "is ready") { (try? HTTPProbe.get("/-/ready", port: port).status) == 200 }
        return AlertmanagerServer(process: process, port: port)
    }
}
