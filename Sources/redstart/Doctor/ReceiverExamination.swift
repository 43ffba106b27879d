import Alerting
import Glibc
import HTTPClient
import Outbound
import RemoteWrite

/// Examines whether those who are told of alerts, and those who get samples and spans, can be reached.
struct ReceiverExamination: Sendable {
    let client: HTTPClient

    func findings(_ settings: ServeSettings) async -> [Finding] {
        let notifications = settings.notifications
        let receivers = notifications.probes.map { (Finding.Topic.receiver, $0) }
        let endpoints = settings.remoteWrite.endpoints.map { endpoint in
            let probe = EndpointProbe(name: endpoint.name, url: endpoint.url, access: endpoint.access)
            return (Finding.Topic.remoteWrite, probe)
        }
        let collector = settings.traces.map { traces in
            (Finding.Topic.traces, EndpointProbe(name: "the collector", url: traces.url, headers: traces.headers))
        }
        let probes = receivers + endpoints + (collector.map { [$0] } ?? [])
        var found = [Finding?](repeating: nil, count: probes.count)
        await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, (topic, probe)) in probes.enumerated() {
                group.addTask { [client] in (index, Self.finding(await probe.run(client), topic, probe)) }
            }
            for await (index, finding) in group { found[index] = finding }
        }
        var findings = found.compactMap { $0 } + notifications.commands.map(Self.finding)
        if !notifications.isActive {
            findings.append(Finding(.ok, .receiver, "receivers", "nobody is told of alerts: none is configured"))
        }
        return findings
    }

    private static func finding(
        _ result: EndpointProbe.Result,
        _ topic: Finding.Topic,
        _ probe: EndpointProbe
    ) -> Finding {
        let name = probe.name
        switch result {
        case .reachable(let status): return Finding(.ok, topic, probe.place, "\(name) answers (\(status))")
        case .refused(let status):
            return Finding(
                .error, topic, probe.place, "\(name) does not take the credentials (\(status))",
                advice: "Check user, password or token in the configuration"
            )
        case .doubtful(let status):
            guard status < 500 else {
                let message = "\(name) has a trouble of its own (\(status))"
                return Finding(.warning, topic, probe.place, message, advice: "See its log")
            }
            let message = "\(name) has nothing at this path for a HEAD request (\(status))"
            return Finding(.warning, topic, probe.place, message, advice: "Check the path")
        case .failed(let problem):
            return Finding(
                .error, topic, probe.place, "\(name) cannot be reached: \(problem)",
                advice: "Check its address, and whether it runs"
            )
        }
    }

    private static func finding(_ command: (receiver: String, program: String)) -> Finding {
        guard access(command.program, X_OK) == 0 else {
            return Finding(
                .error, .receiver, command.program, "the command of \(command.receiver) cannot be run",
                advice: "Give the path of a program that the user of Redstart may run"
            )
        }
        return Finding(.ok, .receiver, command.program, "the command of \(command.receiver) can be run")
    }
}
