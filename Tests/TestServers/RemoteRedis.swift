import Glibc

/// A redis-server in a network namespace of its own, behind a pair of virtual Ethernet devices that can be cut.
///
/// The namespace lives as long as the server's process, and the devices go with it.
public final class RemoteRedis: Sendable {
    /// The process.
    public let process: ServerProcess
    /// Where it is reached from here.
    public let address: String
    private let ourAddress: String
    private let device: String

    /// How the way to the server is broken.
    public enum Cut: Sendable, CaseIterable {
        /// The cable is pulled: nothing arrives.
        case link
        /// Packets arrive, but no answer leaves: it is thrown away without a word.
        case answers
    }

    /// Why this machine cannot make namespaces; `nil` where it can.
    public static let obstacle: String? = {
        guard isInstalled("ip"), isInstalled("unshare"), isInstalled("nsenter") else {
            return "ip, unshare or nsenter is not installed (iproute2, util-linux)"
        }
        guard let directory = try? TemporaryDirectory() else { return "no folder for temporary files" }
        do {
            let device = "rsp\(getpid())"
            try run("unshare", "--net", "ip", "link", "add", device, "type", "veth", in: directory)
            try run("ip", "link", "add", device, "type", "veth", "peer", "name", "\(device)p", in: directory)
            try run("ip", "link", "del", device, in: directory)
            return nil
        } catch {
            return "\(error)".split(separator: "\n").joined(separator: " ")
        }
    }()

    /// Whether tests with namespaces are to run: where they can, and in continuous integration, to fail there if not.
    public static let isExpected = obstacle == nil || getenv("CI") != nil

    /// Starts the server in a new namespace and waits until it is reached.
    public init() async throws {
        // A network of two addresses below 198.18.0.0/15, which is for tests of networks (RFC 2544).
        let network = Int.random(in: 0..<(1 << 15))
        let prefix = "198.\(18 + network >> 14).\(network >> 6 & 0xFF)"
        ourAddress = "\(prefix).\((network & 0x3F) * 4 + 1)"
        let theirs = "\(prefix).\((network & 0x3F) * 4 + 2)"
        device = "rs\(network)"
        address = "\(theirs):6379"
        process = try ServerProcess(
            "unshare",
            ["--net", "redis-server", "--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""],
            in: try TemporaryDirectory()
        )
        try await process.wait(for: "is ready") { process.log.contains("Ready to accept connections") }
        try run(
            "ip", "link", "add", device, "type", "veth", "peer", "name", "far", "netns", "\(process.pid)",
            in: process.directory
        )
        try run("ip", "addr", "add", "\(ourAddress)/30", "dev", device, in: process.directory)
        try run("ip", "link", "set", device, "up", in: process.directory)
        try within("ip", "addr", "add", "\(theirs)/30", "dev", "far")
        try heal(.link)
        try await eventually("\(address) is reached") {
            (try? run("timeout", "1", "redis-cli", "-h", theirs, "ping", in: process.directory)) == "PONG\n"
        }
    }

    /// Breaks the way to the server.
    public func cut(_ cut: Cut) throws(TestServerError) {
        switch cut {
        // At its end: were the device here down, packets would take another way.
        case .link: try within("ip", "link", "set", "far", "down")
        case .answers: try within("ip", "route", "add", "blackhole", "\(ourAddress)/32")
        }
    }

    /// Mends it.
    public func heal(_ cut: Cut) throws(TestServerError) {
        switch cut {
        case .link: try within("ip", "link", "set", "far", "up")
        case .answers: try within("ip", "route", "del", "blackhole", "\(ourAddress)/32")
        }
    }

    private func within(_ words: String...) throws(TestServerError) {
        try run(["nsenter", "--net=/proc/\(process.pid)/ns/net"] + words, in: process.directory)
    }
}
