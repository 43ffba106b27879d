import HTTPClient
import Metrics
import Outbound
import Testing
import YAML

@testable import RemoteWrite

@Suite("Settings of remote write")
struct SettingsTests {
    private func read(
        _ remoteWrite: String = "",
        otlp: String = "",
        alertsForState: String = ""
    ) throws(YAMLError) -> RemoteWriteConfiguration {
        var configuration = RemoteWriteConfiguration()
        try configuration.add(
            remoteWrite: try YAMLDocument.parse(Array(remoteWrite.utf8), file: "f"),
            otlp: try YAMLDocument.parse(Array(otlp.utf8), file: "f"),
            alertsForState: try YAMLDocument.parse(Array(alertsForState.utf8), file: "f"),
            externalLabels: try YAMLDocument.parse(Array("{cluster: prod}".utf8), file: "f")
        )
        return configuration
    }

    @Test("Where clocks of alerts are asked for: with which labels, and with which header fields")
    func alertsForState() throws {
        let text = "{url: 'http://mimir/prometheus', timeout: 3s, headers: {X-Scope-OrgID: me}, bearer_token: secret"
        let source = try #require(try read(alertsForState: text + "}").alertStates)
        #expect(source.url.appending(path: "/api/v1/query").target == "/prometheus/api/v1/query")
        #expect(source.timeout == .seconds(3) && source.labels == Labels([("cluster", "prod")]))
        #expect(try source.headers().map(\.name) == ["X-Scope-OrgID", "Authorization"])
        let ignoring = try read(alertsForState: text + ", ignore_external_labels: [cluster]}").alertStates
        #expect(ignoring?.labels == Labels() && ignoring?.addedLabels == ["cluster"])
        let error = #expect(throws: YAMLError.self) {
            try read(alertsForState: text + ", ignore_external_labels: [pod]}")
        }
        #expect(error?.description.contains("`pod` is no external label") == true)
    }

    @Test("All fields are read")
    func all() throws {
        let configuration = try read(
            """
            - url: https://mimir/api/v1/push
              name: mimir
              remote_timeout: 7s
              headers: {X-Scope-OrgID: team}
              write_relabel_configs: [{action: drop, source_labels: [__name__], regex: 'go_.*'}]
              basic_auth: {username: me, password: secret}
              tls_config: {ca_file: ca.pem}
              protobuf_message: io.prometheus.write.v2.Request
              queue_config:
                {max_shards: 3, max_samples_per_send: 500, batch_send_deadline: 2s, min_backoff: 1s, max_backoff: 1m,
                 retry_on_http_429: false, sample_age_limit: 2h}
              send_exemplars: false
              metadata_config: {send: false}
            - url: http://prometheus:9090/api/v1/write
            """,
            otlp: "[{endpoint: 'http://collector:4318'}, {name: other, metrics_endpoint: 'http://h/x', timeout: 3s}]"
        )
        #expect(
            configuration.endpoints.map(\.name) == [
                "mimir", "http://prometheus:9090", "http://collector:4318", "other",
            ])
        #expect(configuration.endpoints.map(\.format) == [.remoteWrite2, .remoteWrite1, .otlp, .otlp])
        #expect(configuration.endpoints.map(\.access.timeout) == [7, 30, 10, 3].map { Duration.seconds($0) })
        #expect(configuration.endpoints.map(\.url.target) == ["/api/v1/push", "/api/v1/write", "/v1/metrics", "/x"])
        let sending = configuration.endpoints[0].sending
        #expect(sending.maxShards == 3 && sending.maxSamples == 500 && sending.deadline == .seconds(2))
        #expect(sending.backoff.first == 1000 && sending.backoff.longest == 60_000)
        #expect(!sending.retriesTooManyRequests && sending.ageLimitMilliseconds == 7_200_000)
        #expect(configuration.externalLabels == Labels([("cluster", "prod")]))
    }

    @Test(
        "A mistake is told with its place",
        arguments: [
            ("[{name: x}]", "no `url`"),
            ("[{url: 'ftp://h'}]", "http://"),
            ("[{url: 'http://h', protobuf_message: prometheus.WriteRequst}]", "did you mean"),
            ("[{url: 'http://h', send_exemplars: true}]", "no exemplars"),
            ("[{url: 'http://h', metadata_config: {send: true}}]", "2.0"),
            ("[{url: 'http://h', queue_config: {capacity: 5}}]", "remote_write_queue_bytes"),
            ("[{url: 'http://h', queue_config: {max_shards: 0}}]", "0 is out of range"),
            ("[{url: 'http://h', queue_config: {min_backoff: 5s, max_backoff: 1s}}]", "longer"),
            ("[{url: 'http://h', headers: {Content-Type: x}}]", "cannot be set"),
            ("[{url: 'http://h', headers: {X-A: \"a\\r\\nb\"}}]", "control character"),
            ("[{url: 'http://h'}, {url: 'http://h'}]", "two endpoints"),
            ("[{url: 'http://h', remote_timout: 5s}]", "did you mean `remote_timeout`?"),
            ("[{url: 'http://h', write_relabel_configs: [{action: hashmod}]}]", "target"),
        ]
    )
    func mistakes(text: String, expected: String) throws {
        let error = #expect(throws: YAMLError.self) { try read(text) }
        #expect(error.map { "\($0)" }?.contains(expected) == true, "\(String(describing: error))")
        #expect(error.map { "\($0)" }?.hasPrefix("f:1:") == true)
    }
}
