import Configuration

extension OptionTable {
    /// The options that a configuration file may have as keys: those that the file has no key of its own for.
    static let fileRows: [String: OptionRow] = {
        let rows = all.filter { row in
            row.commands.contains(.serve) && row.hasEffect && !saidOtherwise.contains(row.name)
                && !ConfigurationFile.keyNames.contains(row.fileKey)
        }
        return Dictionary(rows.map { ($0.fileKey, $0) }) { first, _ in first }
    }()

    /// The options for which a file has words of its own, or that say nothing in a file.
    private static let saidOtherwise: Set<String> = [
        // targets, defaults
        "redis.addr", "redis.user", "redis.password", "discover", "poll-interval", "connection-timeout",
        "tls-ca-cert-file", "tls-client-cert-file", "tls-client-key-file", "tls-server-name", "skip-tls-verification",
        // listen_address, rule_files, receivers, alertmanagers
        "web.listen-address", "rules", "webhook.url", "alertmanager.url",
        "config.file", "version",
    ]

    /// The keys of these options.
    static let fileKeys: [OptionKey] = fileRows.values.map { OptionKey($0.fileKey, isPath: $0.isPath) }
        .sorted { $0.name < $1.name }
}

extension OptionRow {
    /// The name as a key of a configuration file: `web_telemetry_path`.
    fileprivate var fileKey: String {
        String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// Whether its value is only read when the program starts, whatever a reload finds.
    var isForStart: Bool {
        switch name {
        case "scrape-allow", "web.config.file", "log-level", "debug": false
        case let name where ["tls-server-", "basic-auth-"].contains(where: name.hasPrefix): false
        case "web.enable-admin", "cluster-discover-hostnames", "shard", "replicas": true
        default: [.web, .state, .queries].contains(section)
        }
    }

    fileprivate var isPath: Bool {
        [.value("file"), .value("files"), .values("file")].contains(argument)
    }

    /// The texts of a list as the option takes them.
    fileprivate func values(_ texts: [String]) -> [String] {
        if case .values = argument { texts } else { [texts.joined(separator: ",")] }
    }
}

extension Options {
    /// These options and those of a configuration file, which count where neither command line nor environment speaks.
    ///
    /// - Throws: `ConfigurationError` of a value that cannot be read.
    func completed(by settings: [OptionSetting]) throws -> Options {
        guard !settings.isEmpty else { return self }
        var options = Options()
        for setting in settings {
            guard let row = OptionTable.fileRows[setting.key] else { continue }
            do throws(OptionProblem) {
                try row.assign(&options, row.values(setting.texts))
            } catch {
                let shown = row.isSecret ? "the value" : "`\(setting.texts.joined(separator: ","))`"
                throw setting.error("\(shown) \(error.text)")
            }
        }
        try given?.apply(to: &options)
        options.given = given
        return options
    }
}
