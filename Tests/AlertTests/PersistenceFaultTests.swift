import TestServers
import Testing

@Suite("Faults of persistence", .timeLimit(.minutes(6)))
struct PersistenceFaultTests {
    @Test("Snapshots that are late, or that fail")
    func snapshots() async throws {
        let late = try await RedisServer.start(["--save", "3600 1"])
        let failing = try await RedisServer.start(["--enable-protected-configs", "yes"])
        let daemon = try await RuledDaemon.start(
            [late.address, failing.address], changes: [("> 2 * 3600", "> 6")])
        try await daemon.see([
            Fault("RedisRDBSaveDelayed", late.label) {
                try late.tell("SET", "a", "1")
            } repair: {
                try late.tell("SAVE")
            },
            Fault("RedisSaveFailed", failing.label.merging(["write": "RDB snapshot"]) { $1 }) {
                // A file cannot take the place of a folder, whoever asks.
                try run("mkdir", "folder.rdb", in: failing.directory)
                try failing.tell("CONFIG", "SET", "dbfilename", "folder.rdb")
                try failing.tell("BGSAVE")
            } repair: {
                try failing.tell("CONFIG", "SET", "dbfilename", "dump.rdb")
                try await eventually("it saves again") {
                    (try? failing.tell("BGSAVE")) != nil
                }
            },
        ])
    }

    /// Stands between a server and its disk: no file is on it while there is one of the name `stalled`.
    private static let stallingDisk = """
        #include <unistd.h>
        int fdatasync(int file) {
            while (access("stalled", F_OK) == 0) usleep(100000);
            return fsync(file);
        }
        """

    @Test("A disk that stalls")
    func disk() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.stallingDisk, to: "disk.c")
        try run("clang", "-shared", "-fPIC", "-o", "disk.so", "disk.c", in: directory)
        let program = try directory.write(
            "#!/bin/sh\nLD_PRELOAD='\(directory.file("disk.so"))' exec redis-server \"$@\"\n", to: "redis-server")
        try run("chmod", "+x", program, in: directory)
        let server = try await RedisServer.start(["--appendonly", "yes"], in: directory, program: program)
        // Redis waits two seconds at a time, so there are no ten of them in six seconds.
        let daemon = try await RuledDaemon.start(
            [server.address], changes: [("fsync[6000ms]) > 10", "fsync[6000ms]) > 1")])
        let load = try server.load("SET", "a", "1")
        try await daemon.see([
            Fault("RedisAOFDelayedFsync", server.label) {
                try directory.write("", to: "stalled")
            } repair: {
                try run("rm", "stalled", in: directory)
            }
        ])
        withExtendedLifetime(load) {}
    }
}
