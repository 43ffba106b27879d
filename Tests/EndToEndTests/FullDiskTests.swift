import Glibc
import TestServers
import Testing

@Suite("A disk that fills", .serialized)
struct FullDiskTests {
    private static let obstacle: String? = {
        guard isInstalled("unshare") else { return "unshare is not installed (util-linux)" }
        guard let directory = try? TemporaryDirectory(),
            (try? run("unshare", "-rm", "mount", "-t", "tmpfs", "none", directory.path, in: directory)) != nil
        else { return "this user may not mount anything, not even in a namespace of its own" }
        return nil
    }()

    /// A daemon with a small file system of its own at `folder`, which the test reaches through `/proc`.
    private func serve(
        _ redis: RedisServer,
        at folder: String,
        _ more: [String],
        in directory: TemporaryDirectory
    ) async throws -> (redstart: RedstartProcess, outside: String) {
        let port = try freePort()
        let mount = #"mount -t tmpfs -o size=2m none "$0" && exec "$@""#
        let process = try ServerProcess(
            "unshare",
            [
                "-rm", "sh", "-c", mount, folder, RedstartProcess.executable, "serve", "--web.listen-address",
                "127.0.0.1:\(port)", "--state-dir", folder, "--poll-interval", "200ms", redis.address,
            ] + more,
            in: directory
        )
        let redstart = RedstartProcess(process: process, port: port)
        try await process.wait(for: "answers /-/healthy") { (try? redstart.get("/-/healthy").status) == 200 }
        return (redstart, "/proc/\(process.pid)/root\(folder)")
    }

    private func state(_ redstart: RedstartProcess) -> String {
        (try? redstart.get("/health?format=json").text.split(separator: "{\"name\":\"").map(String.init))?
            .first { $0.hasPrefix("state\"") } ?? ""
    }

    @Test(
        "It says so and goes on in memory; with space again it goes on on disk, and nothing is lost by a kill -9",
        .enabled(if: obstacle == nil, "\(obstacle ?? "")")
    )
    func fills() async throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("state")
        try run("mkdir", folder, in: directory)
        let redis = try await RedisServer.start()
        let rules = try directory.writeRules(every: "200ms", "- {alert: Limited, expr: redis_memory_max_bytes > 0}")
        let (redstart, outside) = try await serve(
            redis, at: folder, ["--rules", rules, "--state-snapshot-interval", "500ms"], in: directory)
        #expect(state(redstart).contains("healthy"))
        // All but nothing is taken by somebody else.
        _ = try? run("dd", "if=/dev/zero", "of=\(outside)/filler", "bs=4k", in: directory)
        try redis.tell("config", "set", "maxmemory", "100mb")
        try await redstart.process.wait(for: "says that the disk is full") {
            redstart.process.log.contains("full") && state(redstart).contains("degraded")
        }
        #expect(state(redstart).contains("Free some space"))
        #expect(try redstart.get("/metrics").text.contains("\nredis_up 1\n"))
        #expect(try redstart.get("/metrics").text.contains("\nredstart_state_problem{problem=\"full\"} 1\n"))
        try await redstart.process.wait(for: "has the alert") {
            (try? redstart.get("/api/v1/alerts").text.contains("firing")) == true
        }
        try run("rm", "\(outside)/filler", in: directory)
        try await redstart.process.wait(for: "is well again") { state(redstart).contains("\"healthy\"") }
        // What happened meanwhile is on the disk now.
        try run("cp", "-r", outside, directory.file("copy"), in: directory)
        redstart.process.kill()
        let again = try await RedstartProcess.serve([
            "--rules", rules, "--state-dir", directory.file("copy"), redis.address,
        ])
        let journal = try again.get("/api/redstart/v1/journal?alert=Limited&state=firing&since=1h").text
        #expect(journal.contains("\"state\":\"firing\""), "\(journal)")
    }
}
