import Glibc

/// A Redis or Valkey of another version than the installed one, as `.ci/unpack-servers` unpacks it.
public enum ServerVersion: String, Sendable, CaseIterable {
    case redis6 = "redis-6"
    case redis8 = "redis-8"
    case valkey8 = "valkey-8"
    /// The newest that Debian has.
    case valkeyNew = "valkey-new"

    /// Whether it is a Valkey.
    public var isValkey: Bool {
        self == .valkey8 || self == .valkeyNew
    }

    /// What starts it.
    public var program: String {
        "\(Self.folder)/\(rawValue)/\(isValkey ? "valkey" : "redis")-server"
    }

    /// What starts the newest Prometheus that Debian has, which takes remote write 2.0.
    public static var newPrometheus: String {
        "\(folder)/prometheus-new/prometheus"
    }

    /// What starts a VictoriaMetrics, which takes OTLP: Debian's Prometheus is built without.
    public static var victoriaMetrics: String {
        "\(folder)/victoria-metrics/victoria-metrics"
    }

    /// Those that must be there, and of the others those that are.
    ///
    /// Redis 6 is of a Debian so old that mirrors may drop it.
    public static var available: [ServerVersion] {
        allCases.filter { $0 != .redis6 || isInstalled($0.program) }
    }

    /// Starts the server.
    public func start(_ settings: [String] = []) async throws -> RedisServer {
        guard isInstalled(program) else {
            throw TestServerError("\(rawValue) is not there; .ci/unpack-servers, which `make test` calls, unpacks it")
        }
        return try await RedisServer.start(settings, program: program)
    }

    /// Below the top of the repository.
    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/.build/servers"
}
