import ArgumentParser
import HTTPClient

/// The option that says where a daemon listens: `http://[user:password@]host[:port][/path]`.
struct DaemonAddress: ParsableArguments {
    @Option(help: ArgumentHelp("Address of the daemon, or of a Prometheus.", valueName: "url"))
    var url = "http://localhost:9121"

    /// The address, `http` where it does not say.
    func parsed() throws -> HTTPURL {
        try Self.parse(url)
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
    }
}
