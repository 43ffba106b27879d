import Alerting
import ArgumentParser
import Configuration
import HTTPClient
import HTTPServer
import JSON

/// `redstart doctor`: checks a configuration against the servers, and says what is missing.
struct DoctorCommand: TableCommand {
    static let name = OptionRow.Command.doctor

    enum Format: String, OptionChoice {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check a configuration against the servers, and tell what is missing and what to do.",
        discussion: """
            It takes the options of serve, and looks at what the daemon would need: the servers, the rights of its \
            user there, their settings and clocks, the receivers of messages, remote write, the collector of spans, \
            the state folder, the port, and the limits of this process. Nothing is changed anywhere: servers get the \
            commands of a poll, receivers a HEAD request.

            Exit codes: 0 nothing is missing, 1 there are warnings, 2 there are errors, 3 the options or the \
            configuration cannot be read.
            """
    )

    @OptionGroup var words: TableWords

    func run(_ options: Options) async throws {
        let settings: ServeSettings
        do {
            settings = try ServeSettings(options)
        } catch {
            StandardError.write("Error: \(Redaction.withoutCredentials(String(describing: error)))\n")
            throw ExitCode(CheckReport.Verdict.unknown.rawValue)
        }
        let report = await report(settings)
        switch options.findingsFormat {
        case .text: try StandardOutput.write(report.text)
        case .json: try StandardOutput.write(Self.json(report))
        }
        if report.verdict != .ok { throw ExitCode(report.verdict.rawValue) }
    }

    private func report(_ settings: ServeSettings) async -> DoctorReport {
        let watch = Watch(
            targets: settings.targets,
            connectLimit: settings.daemon.connectLimit,
            history: settings.history,
            logger: .silent
        )
        let fleet = FleetExamination(watch: watch, timeout: settings.polling.timeout)
        let client = HTTPClient(eventLoops: watch.eventLoops)
        async let servers = fleet.findings()
        async let receivers = ReceiverExamination(client: client).findings(settings)
        async let port = PortExamination(client: client).finding(
            settings.listenAddress,
            isSecure: settings.access.tls != nil
        )
        let (foundServers, count) = await servers
        let own = [
            LocalExamination.openFiles(servers: count),
            LocalExamination.state(settings.state.directory),
            Finding(.ok, .rules, "rules", "\(settings.groups.flatMap(\.rules).count) rules are valid"),
        ]
        return DoctorReport(foundServers + (await receivers) + own + [await port])
    }

    private static func json(_ report: DoctorReport) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("verdict", report.verdict.nagiosWord.lowercased())
            writer.member("exitCode", report.verdict.rawValue)
            writer.key("findings")
            writer.array(of: report.findings) { writer, finding in
                writer.object { writer in
                    writer.member("level", finding.level.word)
                    writer.member("topic", finding.topic.rawValue)
                    writer.member("place", finding.place)
                    writer.member("message", finding.message)
                    writer.member("advice", finding.advice)
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
