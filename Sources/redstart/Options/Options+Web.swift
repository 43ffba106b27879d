import Configuration
import HTTPServer
import RedisClient
import RedisFleet
import WebAPI

extension Options {
    /// Who may ask the HTTP server, and how.
    ///
    /// - Parameter file: What `--web.config.file` names, read.
    /// - Throws: `InvalidOption` where only a part of what belongs together is given, or both the file and options that
    ///   it stands for.
    func accessRules(_ file: WebConfigurationFile?) throws(InvalidOption) -> AccessRules {
        let own = AccessRules(tls: try tlsFiles(), users: try users())
        guard let file else { return own }
        guard own.tls == nil, own.users.isEmpty else {
            throw InvalidOption(
                "--web.config.file stands for --tls-server-… and --basic-auth-…: give it alone, or these alone")
        }
        return file.access
    }

    private func tlsFiles() throws(InvalidOption) -> ServerTLSFiles? {
        switch (serverTLS.certificate, serverTLS.key) {
        case (nil, nil):
            guard serverTLS.clientAuthority == nil else {
                throw InvalidOption("--tls-server-ca-cert-file needs --tls-server-cert-file and --tls-server-key-file")
            }
            return nil
        case (let certificate?, let key?):
            var files = ServerTLSFiles(certificate: certificate, key: key)
            files.clientAuthorities = serverTLS.clientAuthority
            files.clientCertificates = serverTLS.clientAuthority == nil ? .notAsked : .verified
            files.minimumVersion = serverTLS.minimumVersion.version
            return files
        default:
            throw InvalidOption("--tls-server-cert-file and --tls-server-key-file go together: give both or none")
        }
    }

    private func users() throws(InvalidOption) -> [String: AccessRules.Password] {
        let password =
            basicAuth.passwordHash.map { AccessRules.Password.bcrypt($0.value) }
            ?? basicAuth.password.map { .plain($0.value) }
        switch (basicAuth.user, password) {
        case (nil, nil): return [:]
        case (let user?, let password?): return [user: password]
        default:
            throw InvalidOption(
                "--basic-auth-username goes with --basic-auth-password or --basic-auth-hash-password: give both or none"
            )
        }
    }

    /// How the daemon stands in for redis_exporter.
    ///
    /// - Parameters:
    ///   - usesTLS: Whether it is asked by HTTPS.
    ///   - policy: Whom `/scrape` may ask at the moment of the call.
    func exporterOptions(usesTLS: Bool, policy: @escaping @Sendable () -> ScrapePolicy) -> ExporterOptions {
        var exporter = ExporterOptions()
        exporter.metricsPath = metricsPath
        exporter.namespace = namespace
        exporter.isRedisOnly = redisOnlyMetrics
        exporter.appendsRole = appendsInstanceRole
        exporter.prefersHostNames = clusterDiscoversHostNames
        exporter.usesTLS = usesTLS
        if !disablesScrapeEndpoint { exporter.scrapePolicy = policy }
        return exporter
    }
}

extension TLSVersionOption {
    fileprivate var version: ServerTLSFiles.Version {
        switch self {
        case .tls10: .tls10
        case .tls11: .tls11
        case .tls12: .tls12
        case .tls13: .tls13
        }
    }
}
