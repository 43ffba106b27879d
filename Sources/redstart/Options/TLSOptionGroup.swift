import ArgumentParser
import Configuration

/// How targets are reached that ask for TLS; the names are those of redis_exporter.
struct TLSOptionGroup: ParsableArguments {
    @Option(
        name: .customLong("tls-ca-cert-file"),
        help: ArgumentHelp("Authorities to trust instead of the system's, in PEM format.", valueName: "file")
    )
    var authorityFile: String?

    @Option(
        name: .customLong("tls-client-cert-file"),
        help: ArgumentHelp("Certificate to show to servers, in PEM format.", valueName: "file")
    )
    var certificateFile: String?

    @Option(
        name: .customLong("tls-client-key-file"),
        help: ArgumentHelp("Key of the certificate, in PEM format.", valueName: "file")
    )
    var keyFile: String?

    @Option(
        name: .customLong("tls-server-name"),
        help: ArgumentHelp("Name in the certificates of servers, where it is not their host.", valueName: "name")
    )
    var serverName: String?

    @Flag(name: .customLong("skip-tls-verification"), help: "Accept any certificate of a server.")
    var skipsVerification = false

    func validate() throws {
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw ValidationError("--tls-client-cert-file and --tls-client-key-file go together")
        }
    }

    /// What the options say; nothing where none is given.
    ///
    /// They make a `sentinel://` or `cluster://` target one with TLS, which its scheme cannot say.
    var settings: TLSSettings {
        var settings = TLSSettings()
        settings.authorityFile = authorityFile
        settings.certificateFile = certificateFile
        settings.keyFile = keyFile
        settings.serverName = serverName
        if skipsVerification { settings.skipsVerification = true }
        if settings != TLSSettings() { settings.isEnabled = true }
        return settings
    }
}
