import Glibc

/// Starts a program from `PATH`, its output appended to a file.
///
/// - Parameter standardInput: A descriptor of ours; nothing to read if not given.
/// - Returns: The process id.
func spawn(
    _ words: [String],
    log: String,
    standardInput: Int32? = nil
) throws(TestServerError) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let standardInput {
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
    } else {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Its own process group: a Ctrl-C at the terminal reaches the tests, which then end it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The threads of tests block signals, and children of such a thread would do so, too, and their children.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { arguments.forEach { free($0) } }
    arguments.append(nil)
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, words[0], &actions, &attributes, arguments, environ)
    guard code == 0 else {
        throw TestServerError("cannot start \(words[0]): \(String(cString: strerror(code)))")
    }
    return pid
}

/// Waits for a child's end and returns its status.
@discardableResult
func waitForExit(of pid: Int32) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
}

/// Whether a program is in `PATH`, or at its path.
public func isInstalled(_ program: String) -> Bool {
    guard !program.contains("/") else { return access(program, X_OK) == 0 }
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
}

/// Runs a program to its end, as for making certificates, and throws when it fails.
///
/// - Returns: What it has written.
@discardableResult
public func run(_ words: [String], in directory: TemporaryDirectory) throws(TestServerError) -> String {
    guard let program = words.first, isInstalled(program) else {
        throw TestServerError("cannot run \(words.first ?? "nothing"): it is not installed")
    }
    let name = program.split(separator: "/").last ?? "program"
    let log = directory.file("\(name)-\(directory.nextNumber()).log")
    let inFolder = ["sh", "-c", #"cd "$0" && exec "$@""#, directory.path]
    guard waitForExit(of: try spawn(inFolder + words, log: log)) == 0 else {
        throw TestServerError("\(words.joined(separator: " ")) failed:\n\(readText(log))")
    }
    return readText(log)
}

/// Runs a program to its end, its words one by one.
@discardableResult
public func run(_ words: String..., in directory: TemporaryDirectory) throws(TestServerError) -> String {
    try run(words, in: directory)
}
