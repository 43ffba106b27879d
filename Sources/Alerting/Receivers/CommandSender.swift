import Glibc
import NIOPosix

/// Tells a receiver by running a program: the webhook's body on its standard input.
///
/// Exit code 0 means that it was told; anything else, and a program that takes too long and is killed, that it is to be
/// tried again.
struct CommandSender: MessageSender {
    let settings: Receiver.Command
    let externalURL: String
    /// Where the process is waited for.
    let threads: NIOThreadPool

    func send(
        _ message: NotificationMessage,
        beforeSending: @escaping @Sendable () throws -> Void
    ) async -> DeliveryOutcome {
        let body = WebhookBody.render(message, externalURL: externalURL)
        do {
            return try await threads.runIfActive {
                do {
                    try beforeSending()
                } catch {
                    return .failed(reason: "state", after: nil)
                }
                return Self.run(settings, body)
            }
        } catch {
            return .failed(reason: "cancelled", after: nil)
        }
    }

    private static func run(_ settings: Receiver.Command, _ body: [UInt8]) -> DeliveryOutcome {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return .failed(reason: "spawn", after: nil) }
        let started = spawn(settings.words, standardInput: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        guard let process = started else { return .failed(reason: "spawn", after: nil) }
        let deadline = ContinuousClock.now + settings.timeout
        feed(body, to: ends[0], until: deadline)
        shutdown(ends[0], Int32(SHUT_WR))
        return outcome(of: process, until: deadline)
    }

    private static func spawn(_ words: [String], standardInput: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A group of its own, so that all of it can be killed.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        var process: pid_t = 0
        return posix_spawn(&process, words[0], &actions, &attributes, arguments, environ) == 0 ? process : nil
    }

    private static func feed(_ body: [UInt8], to descriptor: Int32, until deadline: ContinuousClock.Instant) {
        var rest = body[...]
        while !rest.isEmpty, ContinuousClock.now < deadline {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&waiting, 1, 100) >= 0 else { return }
            guard waiting.revents != 0 else { continue }
            let flags = Int32(truncatingIfNeeded: MSG_NOSIGNAL) | Int32(truncatingIfNeeded: MSG_DONTWAIT)
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
            if count < 0, errno != EAGAIN, errno != EINTR { return }
            if count > 0 { rest = rest.dropFirst(count) }
        }
    }

    private static func outcome(of process: pid_t, until deadline: ContinuousClock.Instant) -> DeliveryOutcome {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            if ended < 0, errno != EINTR { return .failed(reason: "wait", after: nil) }
            guard ContinuousClock.now < deadline else {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                return .failed(reason: "timeout", after: nil)
            }
            usleep(10_000)
        }
        // The encoding of wait(2): the signal in the low seven bits, else the code above them.
        let signal = status & 0x7F
        if signal != 0 { return .failed(reason: "signal_\(signal)", after: nil) }
        let code = status >> 8 & 0xFF
        return code == 0 ? .delivered : .failed(reason: "exit_\(code)", after: nil)
    }
}
