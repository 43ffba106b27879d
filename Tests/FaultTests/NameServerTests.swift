import TestServers
import Testing

@Suite("Name servers", .enabled(if: RemoteRedis.isExpected, "\(RemoteRedis.obstacle ?? "")"), .timeLimit(.minutes(6)))
struct NameServerTests {
    /// What runs in a network of its own, where a name server takes questions and gives no answers.
    private static let script = """
        ip link set lo up
        mount --bind resolv.conf /etc/resolv.conf
        python3 -c 'import socket, time
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        open("name-server-is-ready", "w").close()
        time.sleep(600)' &
        redis-server --port 6379 --bind 127.0.0.1 --save '' --daemonize no >redis.log &
        until [ -e name-server-is-ready ] && redis-cli ping >/dev/null 2>&1; do sleep 0.05; done
        redstart=$1
        shift
        "$redstart" metrics --connection-timeout 3s "$@"
        """

    @Test("A name server that does not answer for some nodes holds up no other node")
    func silence() async throws {
        #expect(RemoteRedis.obstacle == nil)
        let directory = try TemporaryDirectory()
        try directory.write("nameserver 127.0.0.1\n", to: "resolv.conf")
        let hung = (1...8).map { "redis://cache-\($0).example:6379" }
        let process = try ServerProcess(
            "unshare",
            [
                "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c",
                "cd \"$0\" && \(Self.script)",
                directory.path, RedstartProcess.executable,
            ] + hung + ["redis://127.0.0.1:6379", "redis://localhost:6379"],
            in: directory
        )
        // Not all nodes have answered.
        #expect(try await process.exitCode() == 3)
        for live in ["127.0.0.1:6379", "localhost:6379"] {
            #expect(process.log.contains("\nredis_up{instance=\"\(live)\"} 1\n"), "\(live)")
        }
        for number in 1...8 {
            let series = "redstart_node_failure_reason{reason=\"dns\",instance=\"cache-\(number).example:6379\"} 1\n"
            #expect(process.log.contains(series), "\(process.log)")
        }
    }
}
