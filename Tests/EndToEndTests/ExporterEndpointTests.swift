import TestServers
import Testing

@Suite("The endpoints of redis_exporter", .serialized)
struct ExporterEndpointTests {
    private func scrape(_ redstart: RedstartProcess, _ target: String, _ rest: String = "") throws -> HTTPProbe {
        try redstart.get("/scrape?target=\(target)\(rest)")
    }

    private func allNodes(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("redis_up ") || $0.hasPrefix("redis_up{") }.map(String.init)
    }

    @Test("/scrape answers for one of several watched servers as for one alone")
    func watched() async throws {
        let one = try await RedisServer.start()
        let two = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([one.address, two.address])
        for target in [one.address, "redis://\(two.address)"] {
            let answer = try scrape(redstart, target)
            #expect(answer.status == 200)
            #expect(allNodes(answer.text) == ["redis_up 1"])
            #expect(!answer.text.contains("instance="))
        }
        #expect(allNodes(try redstart.get("/metrics").text).count == 2)
        #expect(try redstart.get("/health").text == "ok")
    }

    @Test("/scrape without a target, with a bad one or with bad keys is a 400, and is counted")
    func badRequests() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([redis.address])
        for path in [
            "/scrape", "/scrape?target=", "/scrape?target=http://x", "/scrape?target=a:b:c",
            "/scrape?target=\(redis.address)&check-keys=a=b=c", "/scrape?target=rediss://\(redis.address)",
        ] {
            let answer = try redstart.get(path)
            #expect(answer.status == 400, "\(path): \(answer.text)")
            #expect(answer.text.split(separator: "\n").count == 1)
        }
        try await redstart.process.wait(for: "shows the count, which may be a second old") {
            (try? redstart.get("/metrics").text.contains("\nredis_target_scrape_request_errors_total 6\n")) == true
        }
    }

    @Test("A server that is neither watched nor allowed is not even connected to; an allowed one gets no password")
    func passwordSafety() async throws {
        let redis = try await RedisServer.start(["--requirepass", "hunter2"])
        let stranger = try ScriptedServer(answers: Array(repeating: "-ERR no\r\n", count: 20), then: .silence)
        let target = "127.0.0.1:\(stranger.port)"
        let refusing = try await RedstartProcess.serve(
            ["--redis.password", "hunter2", "--redis.user", "default", redis.address])
        for form in [target, "redis://\(target)", "redis://default@\(target)", "redis://:hunter2@\(target)"] {
            let answer = try scrape(refusing, form)
            #expect(answer.status == 403)
            #expect(answer.text.contains("--scrape-allow"))
            #expect(!answer.text.contains("hunter2"))
        }
        #expect(stranger.received == "")
        #expect(try scrape(refusing, redis.address).text.contains("\nredis_up 1\n"))

        let allowing = try await RedstartProcess.serve([
            "--redis.password", "hunter2", "--redis.user", "default", "--connection-timeout", "2s",
            "--scrape-allow", "redis://127.0.0.*:\(stranger.port)", redis.address,
        ])
        for form in [target, "redis://default@\(target)", "redis://x:y@\(target)"] {
            #expect(try scrape(allowing, form).text.contains("\nredis_up 0\n"))
        }
        #expect(stranger.received.contains("INFO") || stranger.received.contains("CLIENT"))
        #expect(!stranger.received.contains("AUTH") && !stranger.received.contains("hunter2"))
    }

    @Test("The password file names servers and their passwords; another user needs an entry of its own")
    func passwordFile() async throws {
        let redis = try await RedisServer.start(["--requirepass", "hunter2"])
        let other = try await RedisServer.start(["--requirepass", "hunter3"])
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            #"{"redis://\#(redis.address)": "hunter2", "redis://\#(other.address)": "hunter3"}"#, to: "passwords.json")
        let redstart = try await RedstartProcess.serve(["--redis.password-file", file, redis.address])
        #expect(try redstart.get("/metrics").text.contains("\nredis_up 1\n"))
        #expect(try scrape(redstart, other.address).text.contains("\nredis_up 1\n"))
        #expect(try scrape(redstart, "redis://admin@\(redis.address)").status == 403)
        #expect(try scrape(redstart, "redis://admin@\(other.address)").status == 403)
    }

    @Test("/-/reload reads the password file again")
    func reload() async throws {
        let redis = try await RedisServer.start(["--requirepass", "hunter2"])
        let other = try await RedisServer.start(["--requirepass", "hunter3"])
        let directory = try TemporaryDirectory()
        let addresses = [redis, other].map { "redis://\($0.address)" }
        let file = try directory.write(#"{"\#(addresses[0])": "wrong"}"#, to: "passwords.json")
        let redstart = try await RedstartProcess.serve(["--redis.password-file", file, redis.address])
        #expect(try redstart.get("/metrics").text.contains("\nredis_up 0\n"))
        #expect(try scrape(redstart, addresses[1]).status == 403)
        try directory.write(
            #"{"\#(addresses[0])": "hunter2", "\#(addresses[1])": "hunter3"}"#, to: "passwords.json")
        #expect(try redstart.get("/-/reload").status == 200)
        try await redstart.process.wait(for: "logs in") {
            (try? redstart.get("/metrics").text.contains("\nredis_up 1\n")) == true
        }
        #expect(try scrape(redstart, addresses[1]).text.contains("\nredis_up 1\n"))
        // What cannot be read changes nothing.
        try directory.write("[]", to: "passwords.json")
        #expect(try redstart.get("/-/reload").status == 500)
        #expect(try scrape(redstart, addresses[1]).text.contains("\nredis_up 1\n"))
        #expect(!redstart.process.log.contains("hunter"))
    }

    @Test("/api/v1/status/flags shows the options, and no secret")
    func shownFlags() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([
            "--redis.password=hunter2", "--redis.addr", "redis://a:hunter2@\(redis.address)", "--debug",
            "--webhook.url", "http://127.0.0.1:9/services/hunter2?token=hunter2",
        ])
        let text = try redstart.get("/api/v1/status/flags").text
        #expect(text.contains(#""redis.password":"<secret>""#) || text.contains(#""redis.password":"\u003csecret>""#))
        #expect(text.contains(#""webhook.url":"http://127.0.0.1:9""#))
        #expect(text.contains(#""debug":"true""#) && text.contains(#""poll-interval":"15s""#))
        #expect(!text.contains("hunter2") && !redstart.process.log.contains("hunter2"))
    }

    @Test("`/scrape` may check keys that the parameters name, on that scrape")
    func keys() async throws {
        let redis = try await RedisServer.start()
        let directory = try TemporaryDirectory()
        try run("redis-cli", "-p", "\(redis.port)", "SET", "counter", "7", in: directory)
        let redstart = try await RedstartProcess.serve(["--redis.addr=", "--scrape-allow", "redis://127.0.0.1:*"])
        let answer = try scrape(redstart, redis.address, "&check-single-keys=counter&count-keys=db0=count*")
        #expect(answer.text.contains("\nredis_key_value{db=\"db0\",key=\"counter\"} 7\n"))
        #expect(answer.text.contains("\nredis_keys_count{db=\"db0\",key=\"count*\"} 1\n"))
        #expect(!(try scrape(redstart, redis.address).text.contains("redis_key_value")))
    }

    @Test("Without a server of its own there is /scrape")
    func noTarget() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--redis.addr=", "--scrape-allow", "redis://127.0.0.1:*"])
        #expect(try scrape(redstart, redis.address).text.contains("\nredis_up 1\n"))
        let own = try redstart.get("/metrics").text
        #expect(own.contains("\nredis_exporter_scrapes_total ") && allNodes(own).isEmpty)
    }

    @Test(
        "--disable-scrape-endpoint, --web.telemetry-path, --namespace, --redis-only-metrics, --append-instance-role-label"
    )
    func flags() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([
            "-disable-scrape-endpoint", "-web.telemetry-path=/redis", "-namespace", "cache", "-redis-only-metrics",
            "-append-instance-role-label", "-redis.addr", redis.address,
        ])
        #expect(try scrape(redstart, redis.address).status == 404)
        #expect(try redstart.get("/metrics").status == 404)
        #expect(try redstart.get("/api/redstart/v1/about").text.contains(#""metricsPath":"/redis""#))
        let text = try redstart.get("/redis").text
        #expect(text.contains("\ncache_up{instance_role=\"master\"} 1\n"))
        #expect(text.contains("\ncache_exporter_scrapes_total "))
        #expect(!text.contains("redis_up") && !text.contains("\nprocess_") && !text.contains("redstart_http"))
        // Rules go on with the names they know.
        #expect(try redstart.get("/api/v1/query?query=redis_up").text.contains(#""1"]"#))
    }

    @Test("/sd lists every node so that Prometheus can use it as it stands, or with redis_exporter's relabelling")
    func serviceDiscovery() async throws {
        let one = try await RedisServer.start()
        let two = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(one.port)"])
        let redstart = try await RedstartProcess.serve([one.address, two.address])
        try await redstart.process.wait(for: "knows the roles") {
            guard let text = try? redstart.get("/sd").text else { return false }
            return text.contains(#""__meta_redstart_role":"master""#)
                && text.contains(#""__meta_redstart_role":"replica""#)
        }
        let answer = try redstart.get("/sd")
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.text.contains(#"{"targets":["127.0.0.1"],"labels":{"#))
        #expect(answer.text.contains(#""__metrics_path__":"/scrape","__param_target":"redis://\#(one.address)""#))
        #expect(answer.text.contains(#""instance":"\#(two.address)""#))
        let addresses = try redstart.get("/sd?targets=redis").text
        #expect(addresses.contains(#"{"targets":["redis://\#(two.address)"],"labels":{"#))
        #expect(!addresses.contains("__param_target"))
        #expect(try redstart.get("/sd?targets=x").status == 400)
    }

    @Test("A Prometheus that reads /sd scrapes each node through /scrape, under the node's own labels")
    func servicesOfPrometheus() async throws {
        let one = try await RedisServer.start()
        let two = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([one.address, two.address])
        let folder = try TemporaryDirectory()
        try folder.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: redis
                http_sd_configs: [{url: 'http://127.0.0.1:\(redstart.port)/sd', refresh_interval: 1s}]
            """,
            to: "prometheus.yml"
        )
        let prometheus = try await PrometheusServer.start(in: folder)
        try await prometheus.process.wait(seconds: 60, for: "has both nodes") {
            guard let text = try? HTTPProbe.get("/api/v1/query?query=redis_up==1", port: prometheus.port).text else {
                return false
            }
            return [one, two].allSatisfy { text.contains(#""instance":"\#($0.address)","job":"redis""#) }
        }
    }

    /// The port of the cluster bus is 10000 higher unless it is said, which is beyond the last port there is for many.
    private func clustered() throws -> [String] {
        ["--cluster-enabled", "yes", "--cluster-port", "\(try freePort())"]
    }

    @Test("/discover-cluster-nodes lists the members of a cluster, which /scrape then reaches")
    func cluster() async throws {
        let one = try await RedisServer.start(try clustered())
        let two = try await RedisServer.start(try clustered())
        let three = try await RedisServer.start(try clustered())
        let directory = try TemporaryDirectory()
        try run(
            "redis-cli", "--cluster", "create", one.address, two.address, three.address, "--cluster-yes",
            "--cluster-replicas", "0", in: directory)
        let plain = try await RedstartProcess.serve([one.address])
        #expect(try plain.get("/discover-cluster-nodes").status == 400)
        let redstart = try await RedstartProcess.serve(["--is-cluster", one.address])
        // Whoever asks for a member before discovery has it looked up.
        try await redstart.process.wait(for: "knows both") {
            (try? scrape(redstart, two.address).text.contains("\nredis_up 1\n")) == true
        }
        let answer = try redstart.get("/discover-cluster-nodes")
        #expect(answer.status == 200)
        let addresses = [one, two, three].map { "redis://\($0.address)" }
        #expect(addresses.allSatisfy(answer.text.contains))
        #expect(answer.text.hasPrefix(#"[{"targets":["#) && answer.text.hasSuffix(#"],"labels":{}}]"#))
        #expect(allNodes(try redstart.get("/metrics").text) == ["redis_up 1"])
    }

    @Test("A variable works as its flag, a toggle that cannot be read is passed over with a warning")
    func environment() async throws {
        let redis = try await RedisServer.start()
        let port = try freePort()
        let words = [
            "REDIS_ADDR=redis://\(redis.address)", "REDIS_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:\(port)",
            "REDIS_EXPORTER_DEBUG=perhaps", "REDIS_EXPORTER_INCL_SYSTEM_METRICS=1", "REDIS_EXPORTER_LOG_FORMAT=json",
            RedstartProcess.executable, "serve", "-include-go-runtime-metrics",
        ]
        let process = try ServerProcess("env", words, in: try TemporaryDirectory())
        try await process.wait(for: "shows the server") {
            (try? HTTPProbe.get("/metrics", port: port).text.contains("\nredis_total_system_memory_bytes ")) == true
        }
        #expect(process.log.contains("REDIS_EXPORTER_DEBUG: 'perhaps' is not true or false; the default is used"))
        #expect(
            process.log.contains(#""msg":"--include-go-runtime-metrics is an option of redis_exporter that has no"#))
    }

    @Test("--help lists options by section, --version the version, mistakes end with a line")
    func help() async throws {
        for words in [["serve", "-help"], ["help", "serve"], ["serve", "--redis.addr", "x", "-h"]] {
            let (code, output) = try await RedstartProcess.run(words)
            #expect(code == 0)
            #expect(output.contains("redis_exporter compatibility (accepted, without effect):"))
        }
        #expect(try await RedstartProcess.run(["serve", "-version"]).code == 0)
        let (code, output) = try await RedstartProcess.run(["serve", "-pol-interval=1s"])
        #expect(code == 64)
        #expect(
            output == "Error: unknown option --pol-interval; did you mean --poll-interval? "
                + "'redstart serve --help' lists all\n")
    }
}
