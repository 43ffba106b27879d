import Glibc

/// The program as built, run as a user would.
public struct RedstartProcess: Sendable {
    /// The process, to stop or to read the log of.
    public let process: ServerProcess
    /// Where it listens for HTTP.
    public let port: Int

    /// A daemon that was started otherwise.
    public init(process: ServerProcess, port: Int) {
        self.process = process
        self.port = port
    }

    /// The executable, which SwiftPM puts beside the test bundle.
    public static var executable: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        let path = realpath(bundle, &buffer).map { String(cString: $0) } ?? bundle
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/redstart"
    }

    /// Starts `redstart serve` on a port of the system's choice and waits until it listens.
    public static func serve(
        _ arguments: [String],
        in directory: TemporaryDirectory? = nil
    ) async throws -> RedstartProcess {
        let folder = if let directory { directory } else { try TemporaryDirectory() }
        // Somebody else may take the port between the choice and the start.
        var attemptsLeft = 5
        while true {
            let port = try freePort()
            let process = try ServerProcess(
                executable,
                ["serve", "--web.listen-address", "127.0.0.1:\(port)"] + arguments,
                in: folder
            )
            let redstart = RedstartProcess(process: process, port: port)
            do {
                try await process.wait(for: "answers /-/healthy") {
                    (try? redstart.get("/-/healthy").status) == 200
                }
                return redstart
            } catch {
                attemptsLeft -= 1
                guard attemptsLeft > 0, process.log.contains("address already in use") else { throw error }
            }
        }
    }

    /// Asks it over HTTP.
    public func get(_ path: String, headers: [String] = []) throws(TestServerError) -> HTTPProbe {
        try HTTPProbe.get(path, port: port, headers: headers)
    }

    /// Runs a command to its end.
    public static func run(_ arguments: [String], seconds: Int = 60) async throws -> (code: Int32, output: String) {
        let process = try ServerProcess(executable, arguments, in: try TemporaryDirectory())
        let code = try await process.exitCode(seconds: seconds)
        return (code, process.log)
    }
}
