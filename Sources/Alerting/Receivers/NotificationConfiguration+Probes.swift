import HTTPClient
public import Outbound

extension NotificationConfiguration {
    /// All places that are told of alerts, to be asked whether they are there.
    public var probes: [EndpointProbe] {
        let alertmanagers = alertmanagers.flatMap { one in
            one.urls.map { url in
                EndpointProbe(
                    name: "Alertmanager",
                    url: url.appending(path: "/-/healthy"),
                    access: one.access,
                    method: "GET"
                )
            }
        }
        return alertmanagers
            + receivers.flatMap { receiver in
                receiver.integrations.compactMap { $0.probe(name: "\(receiver.name) (\($0.kind))") }
            }
    }

    /// The commands that are run to tell of alerts, with the receivers that they belong to.
    public var commands: [(receiver: String, program: String)] {
        receivers.flatMap { receiver in
            receiver.integrations.compactMap { integration in
                guard case .command(let settings) = integration, let program = settings.words.first else { return nil }
                return (receiver.name, program)
            }
        }
    }
}

extension Receiver.Integration {
    /// `nil` where it is no place, but a command.
    fileprivate func probe(name: String) -> EndpointProbe? {
        switch self {
        case .webhook(let settings): return EndpointProbe(name: name, url: settings.url, access: settings.access)
        case .pagerDuty(let settings): return EndpointProbe(name: name, url: settings.url, access: settings.access)
        case .slack(let settings):
            let address: String
            do throws(SecretProblem) {
                address = try settings.url.read()
            } catch {
                return EndpointProbe(name: name, problem: error.description)
            }
            guard let url = try? HTTPURL(address) else {
                return EndpointProbe(name: name, problem: "its address, which a file holds, is none")
            }
            return EndpointProbe(name: name, url: url, access: settings.access)
        case .command: return nil
        }
    }
}
