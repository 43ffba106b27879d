import Configuration
import Glibc
import RedisClient
import RedisCollectors
import RedisFleet

extension Options {
    /// The targets of the options, and what holds for all that do not say.
    ///
    /// - Throws: `InvalidOption` where only one of certificate and key is given.
    func settledTargetDefaults() throws(InvalidOption) -> TargetSettings {
        var defaults = targetDefaults
        guard (defaults.tls.certificateFile == nil) == (defaults.tls.keyFile == nil) else {
            throw InvalidOption("--tls-client-cert-file and --tls-client-key-file go together: give both or none")
        }
        // They make a sentinel:// or cluster:// target one with TLS, which its scheme cannot say.
        if defaults.tls != TLSSettings() { defaults.tls.isEnabled = true }
        return defaults
    }

    /// The targets of the command line and of the environment; `nil` where none is named.
    var namedEntries: [TargetEntry]? {
        let named = targets + addresses
        guard !named.isEmpty else { return nil }
        return named.filter { !$0.isEmpty }.map { TargetEntry(address: $0, origin: "the options") }
    }

    /// What is watched where nothing is named.
    static let fallback = TargetEntry(address: "redis://localhost:6379", origin: "the default")

    /// Joins targets with what holds for all of them.
    ///
    /// - Parameter isOneShot: Whether heavy checks are made in each poll, as there is no time for a schedule.
    /// - Throws: `ConfigurationError` of a target that cannot be read, or an error where one server is given twice with
    ///   different credentials.
    func watch(
        _ entries: [TargetEntry],
        defaults: TargetSettings,
        isOneShot: Bool = false
    ) throws -> WatchedTargets {
        let passwords = try readPasswords()
        var watched = try WatchedTargets(entries.map { passwords.filling($0, defaults) }, defaults: defaults)
        let checks = try readChecks(isOneShot: isOneShot)
        for index in watched.nodes.indices { settle(&watched.nodes[index], checks) }
        for index in watched.discovered.indices { settle(&watched.discovered[index].template, checks) }
        return watched
    }

    /// Reads the targets of a command that has no configuration file.
    func readTargets(pollInterval: Duration) throws -> WatchedTargets {
        var defaults = try settledTargetDefaults()
        defaults.pollInterval = pollInterval
        return try watch(namedEntries ?? [Self.fallback], defaults: defaults, isOneShot: true)
    }

    /// The part of the targets that is watched here; `nil` for all.
    ///
    /// - Throws: `InvalidOption` where there is no such part, or the host name does not tell it.
    func readShard(hostName: String = Environment.hostName) throws(InvalidOption) -> Shard? {
        guard let shard else {
            guard let replicas, replicas != 1 else { return nil }
            throw InvalidOption("--replicas: \(replicas) cannot be used without --shard: there is one process only")
        }
        do throws(InvalidShard) {
            return try shard.shard(onHost: hostName, replicas: replicas ?? 1)
        } catch {
            throw InvalidOption("--shard: '\(shard)' cannot be used: \(error.message)")
        }
    }

    /// Whom `/scrape` may ask.
    ///
    /// - Throws: `InvalidTarget` of a pattern, or `InvalidOption` of the password file.
    func readScrapePolicy(defaults: TargetSettings) throws -> ScrapePolicy {
        var defaults = defaults
        // Nobody knows for whom these are.
        defaults.credentials = NodeCredentials()
        defaults.discovers = nil
        let template = try watch([Self.fallback], defaults: defaults)
        return ScrapePolicy(
            passwords: try readPasswords(),
            allowed: try scrapeAllow.map { try AddressPattern($0) },
            template: template.nodes.first
                ?? NodeConfiguration(
                    connection: ConnectionOptions(address: TargetAddress(endpoint: .tcp(host: "localhost", port: 6379)))
                )
        )
    }

    private func settle(_ node: inout NodeConfiguration, _ checks: CheckOptions) {
        if !setsClientName { node.connection.clientName = nil }
        node.collectors = collectors
        node.checks = checks
        node.seriesLimits = seriesLimits
    }
}

extension ServerPasswords {
    /// The target with its password from the file, where neither its address nor its settings have one.
    fileprivate func filling(_ entry: TargetEntry, _ defaults: TargetSettings) -> TargetEntry {
        guard entry.settings.credentials.password == nil, entry.settings.credentials.passwordFile == nil,
            var address = try? TargetAddress(entry.address), address.password == nil
        else { return entry }
        address.user = address.user ?? entry.settings.credentials.user ?? defaults.credentials.user
        var entry = entry
        entry.settings.credentials.password = self[address]
        return entry
    }
}

/// The variables of the environment; nothing below the executable reads them.
enum Environment {
    /// The value of a variable that is set, though it may be empty.
    static subscript(name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// The name of this host, in a pod the name of the pod; empty if it cannot be told.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
