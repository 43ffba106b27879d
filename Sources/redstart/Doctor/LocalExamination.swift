import Glibc
import HTTPClient
import HTTPServer

/// Examines this machine: open files, the folder for state.
enum LocalExamination {
    /// The daemon's own files, and those of HTTP clients.
    private static let ownFiles = 200
    /// A poll, checks, and a listener at a Sentinel.
    private static let filesPerServer = 3
    /// State and a queue for remote write should find room.
    private static let neededBytes: UInt64 = 200 << 20

    /// Whether so many servers can be watched with the limit of open files.
    static func openFiles(servers: Int) -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding(.ok, .limits, "open files", "there is no limit")
        }
        return openFiles(servers: servers, limit: limit.rlim_cur)
    }

    static func openFiles(servers: Int, limit: UInt) -> Finding {
        let needed = UInt(ownFiles + servers * filesPerServer)
        guard limit < needed else { return Finding(.ok, .limits, "open files", "\(limit) are allowed") }
        return Finding(
            .error, .limits, "open files", "\(limit) are allowed, and \(servers) servers need up to \(needed)",
            advice: "Raise the limit: ulimit -n \(needed * 2), or LimitNOFILE=\(needed * 2) in the unit of systemd"
        )
    }

    /// Whether state can be kept; the folder need not be there yet.
    static func state(_ directory: String?) -> Finding {
        guard let directory else {
            return Finding(.ok, .state, "memory", "state is kept in memory, and a restart loses it (--state-dir)")
        }
        var folder = directory
        while access(folder, F_OK) != 0, errno == ENOENT {
            let parent = folder.split(separator: "/").dropLast().joined(separator: "/")
            folder = folder.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
        }
        // Really written, as neither a full nor a read-only disk shows in the rights.
        let file = "\(folder)/.redstart-doctor-\(getpid())"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return unwritable(directory) }
        defer {
            close(descriptor)
            unlink(file)
        }
        let block = [UInt8](repeating: 0, count: 4096)
        guard write(descriptor, block, block.count) == block.count else { return unwritable(directory) }
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { return Finding(.ok, .state, directory, "it can be written") }
        let free = UInt64(disk.f_bavail) &* UInt64(disk.f_frsize)
        let megabytes = free >> 20
        guard free >= neededBytes else {
            return Finding(
                .warning, .state, directory, "only \(megabytes) MB are free",
                advice: "Make room: history, alerts and what waits for remote write live there"
            )
        }
        return Finding(.ok, .state, directory, "it can be written, \(megabytes) MB are free")
    }

    /// `errno` as it is.
    private static func unwritable(_ directory: String) -> Finding {
        let reason = String(cString: strerror(errno))
        return Finding(
            .error, .state, directory, "nothing can be written there: \(reason)",
            advice: "Give --state-dir a folder that the user of Redstart owns, with free space"
        )
    }
}

/// Examines whether the daemon can listen.
struct PortExamination: Sendable {
    private static let timeout: Duration = .seconds(2)

    let client: HTTPClient

    func finding(_ address: ListenAddress, isSecure: Bool) async -> Finding {
        let place = "\(address)"
        guard let problem = Self.bindProblem(address) else { return Finding(.ok, .port, place, "it is free") }
        if problem == EADDRINUSE, await isRedstart(address, isSecure: isSecure) {
            return Finding(.ok, .port, place, "a Redstart listens there already")
        }
        return Finding(
            .error, .port, place, "nobody can listen there: \(String(cString: strerror(problem)))",
            advice: "Choose another with --web.listen-address, or end who has it"
        )
    }

    /// Why nobody can listen there now; `nil` where one can.
    private static func bindProblem(_ address: ListenAddress) -> Int32? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let host = address.host?.isEmpty == true ? nil : address.host
        guard getaddrinfo(host, String(address.port), &hints, &found) == 0, let first = found else {
            return EADDRNOTAVAIL
        }
        defer { freeaddrinfo(found) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(first.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 ? nil : errno
    }

    private func isRedstart(_ address: ListenAddress, isSecure: Bool) async -> Bool {
        let host = [nil, "", "0.0.0.0", "::"].contains(address.host) ? "localhost" : address.host ?? "localhost"
        let name = host.contains(":") ? "[\(host)]" : host
        guard let url = try? HTTPURL("\(isSecure ? "https" : "http")://\(name):\(address.port)/-/healthy") else {
            return false
        }
        var tls = ClientTLSOptions()
        // Nothing is told to it, and its certificate need not be for this name.
        tls.skipsVerification = true
        let request = ClientRequest(method: "GET", url: url, timeout: Self.timeout, tls: tls)
        guard let response = try? await client.send(request) else { return false }
        // Where it wants a password it is one with HTTP at least; nobody else is asked for its own port.
        return String(decoding: response.body, as: UTF8.self).hasPrefix("Redstart") || response.status == 401
    }
}
