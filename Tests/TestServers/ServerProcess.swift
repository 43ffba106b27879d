import Glibc
import Synchronization

/// A child process of a test, killed when the last reference goes, and also when the test process crashes.
public final class ServerProcess: Sendable {
    /// The process id.
    public let pid: Int32
    /// The folder that it runs in, with its log.
    public let directory: TemporaryDirectory
    private let program: String
    private let logPath: String
    /// The other end of the guard's input.
    ///
    /// When it closes without a word the guard kills the process.
    private let lifeline: Int32
    private let guardian: Int32
    private let exitStatus = Mutex<Int32?>(nil)

    /// Starts a program from `PATH` in a folder, standard output and error going to a log there.
    public init(
        _ program: String,
        _ arguments: [String],
        in directory: TemporaryDirectory
    ) throws(TestServerError) {
        self.program = program
        self.directory = directory
        guard isInstalled(program) else {
            throw TestServerError("cannot start \(program): it is not installed. Tests run against real servers.")
        }
        logPath = directory.file("\(program.split(separator: "/").last ?? "server")-\(directory.nextNumber()).log")
        // The shell becomes the program, so the process id stays.
        let inFolder = ["sh", "-c", #"cd "$0" && exec "$@""#, directory.path, program]
        pid = try spawn(inFolder + arguments, log: logPath)
        var ends: [Int32] = [-1, -1]
        // Not a pipe: that could leak into a child started meanwhile, before it is marked to be closed there.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            Glibc.kill(pid, SIGKILL)
            throw TestServerError("socketpair: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        lifeline = ends[1]
        do {
            guardian = try spawn(
                ["sh", "-c", "read word || { kill -9 \(pid); rm -rf '\(directory.path)'; }"],
                log: "/dev/null",
                standardInput: ends[0]
            )
        } catch {
            Glibc.kill(pid, SIGKILL)
            close(ends[1])
            throw error
        }
    }

    deinit {
        if exitStatus.withLock({ $0 == nil }) {
            Glibc.kill(pid, SIGKILL)
            waitForExit(of: pid)
        }
        send(lifeline, "done\n", 5, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
        close(lifeline)
        waitForExit(of: guardian)
    }

    /// Sends a signal: `SIGTERM`, `SIGSTOP`, `SIGCONT`…
    public func signal(_ number: Int32) {
        exitStatus.withLock { status in
            if status == nil { Glibc.kill(pid, number) }
        }
    }

    /// Kills the process and waits until it is gone.
    public func kill() {
        exitStatus.withLock { status in
            guard status == nil else { return }
            Glibc.kill(pid, SIGKILL)
            status = waitForExit(of: pid)
        }
    }

    /// Whether the process has not ended.
    public var isRunning: Bool {
        exitStatus.withLock { status in
            guard status == nil else { return false }
            var code: Int32 = 0
            guard waitpid(pid, &code, WNOHANG) == pid else { return true }
            status = code
            return false
        }
    }

    /// Waits until the process ends by itself and returns its exit code, or the negative signal that ended it.
    public func exitCode(seconds: Int = 20) async throws -> Int32 {
        let end = ContinuousClock.now + .seconds(seconds)
        while isRunning {
            guard .now < end else {
                throw TestServerError("\(program) has not ended within \(seconds) s\n\(lastLines)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        let status = exitStatus.withLock { $0 } ?? 0
        // The encoding of wait(2): the signal in the low seven bits, else the code above them.
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// What the process has written so far.
    public var log: String {
        readText(logPath)
    }

    /// Polls a condition until it holds.
    ///
    /// Throws when the process ends before, or after `seconds`, with the log's last lines.
    public func wait(
        seconds: Int = 20,
        for expectation: String,
        _ condition: () -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while !condition() {
            guard isRunning else { throw TestServerError("\(program) ended before: \(expectation)\n\(lastLines)") }
            guard .now < end else {
                throw TestServerError("\(program), \(seconds) s in vain for: \(expectation)\n\(lastLines)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private var lastLines: String {
        log.split(separator: "\n").suffix(12).joined(separator: "\n")
    }
}
