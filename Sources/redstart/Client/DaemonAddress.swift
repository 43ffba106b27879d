import ArgumentParser
import HTTPClient

/// The options that say where a daemon listens, `http://[user:password@]host[:port][/path]`, and whom to trust there.
struct DaemonAddress: ParsableArguments {
    @Option(help: ArgumentHelp("Address of the daemon, or of a Prometheus.", valueName: "url"))
    var url = "http://localhost:9121"

    @Option(help: ArgumentHelp("PEM file with the authorities to trust instead of the system's.", valueName: "file"))
    var tlsCaCertFile: String?

    @Option(help: ArgumentHelp("PEM file with the certificate to show to the daemon.", valueName: "file"))
    var tlsClientCertFile: String?

    @Option(help: ArgumentHelp("PEM file with the key of that certificate.", valueName: "file"))
    var tlsClientKeyFile: String?

    @Flag(help: "Accept any certificate: encrypted then, but to whom is unknown.")
    var skipTlsVerification = false

    /// The address, `http` where it does not say.
    func parsed() throws -> HTTPURL {
        try Self.parse(url)
    }

    /// Who asks the daemon.
    func client(timeout: Duration = .seconds(10)) throws -> DaemonClient {
        var tls = ClientTLSOptions()
        tls.authorityFile = tlsCaCertFile
        tls.certificateFile = tlsClientCertFile
        tls.keyFile = tlsClientKeyFile
        tls.skipsVerification = skipTlsVerification
        return DaemonClient(url: try parsed(), tls: tls, timeout: timeout)
    }

    /// Reads an address; one without a scheme is `http`.
    static func parse(_ text: String) throws -> HTTPURL {
        do {
            return try HTTPURL(text.contains("://") ? text : "http://" + text)
        } catch {
            throw ValidationError("--url takes an address such as http://localhost:9121; this is none: \(error)")
        }
    }

    mutating func validate() throws {
        _ = try parsed()
        guard (tlsClientCertFile == nil) == (tlsClientKeyFile == nil) else {
            throw ValidationError("--tls-client-cert-file and --tls-client-key-file go together")
        }
    }
}
