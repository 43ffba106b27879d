import HTTPServer
import RedisClient
import RedisFleet
import WebAPI

extension Options {
    /// What the HTTP server is told.
    ///
    /// - Throws: `InvalidOption` where only one of certificate and key is given.
    func serverConfiguration(_ listenAddress: ListenAddress) throws(InvalidOption) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration(listenAddress: listenAddress)
        switch (serverTLS.certificate, serverTLS.key) {
        case (nil, nil):
            guard serverTLS.clientAuthority == nil else {
                throw InvalidOption("--tls-server-ca-cert-file needs --tls-server-cert-file and --tls-server-key-file")
            }
        case (let certificate?, let key?):
            configuration.tls = ServerTLSFiles(
                certificate: certificate,
                key: key,
                clientAuthorities: serverTLS.clientAuthority,
                minimumVersion: serverTLS.minimumVersion.version
            )
        default:
            throw InvalidOption("--tls-server-cert-file and --tls-server-key-file go together: give both or none")
        }
        return configuration
    }

    /// How the daemon stands in for redis_exporter.
    ///
    /// - Parameter policy: Whom `/scrape` may ask at the moment of the call.
    func exporterOptions(policy: @escaping @Sendable () -> ScrapePolicy) -> ExporterOptions {
        var exporter = ExporterOptions()
        exporter.metricsPath = metricsPath
        exporter.namespace = namespace
        exporter.isRedisOnly = redisOnlyMetrics
        exporter.appendsRole = appendsInstanceRole
        exporter.prefersHostNames = clusterDiscoversHostNames
        exporter.usesTLS = serverTLS.certificate != nil
        if !disablesScrapeEndpoint { exporter.scrapePolicy = policy }
        return exporter
    }

    /// The routes, for those alone who have user and password where these are set.
    ///
    /// - Throws: `InvalidOption` where only a part of user and password is given, which would leave all open.
    func protect(_ routes: [Route]) throws -> [Route] {
        let password =
            basicAuth.passwordHash.map { BasicAuthentication.Password.bcrypt($0.value) }
            ?? basicAuth.password.map { .plain($0.value) }
        switch (basicAuth.user, password) {
        case (nil, nil): return routes
        case (let user?, let password?):
            return try BasicAuthentication(user: user, password: password).protect(routes)
        default:
            throw InvalidOption(
                "--basic-auth-username goes with --basic-auth-password or --basic-auth-hash-password: give both or none"
            )
        }
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
