/// Settings of a server that keep a watch from seeing what it looks for.
struct ServerSettings {
    /// The parameters that are looked at.
    static let parameters = [
        "latency-tracking", "slowlog-log-slower-than", "slowlog-max-len", "latency-monitor-threshold", "maxmemory",
    ]

    /// What the server says of them; those that it does not know are not there.
    let values: [String: String]
    /// The name of CONFIG at this server.
    let configCommand: String

    /// What should be otherwise.
    func findings(at place: String) -> [Finding] {
        var findings: [Finding] = []
        func warn(_ message: String, _ parameter: String, _ value: String) {
            findings.append(
                Finding(
                    .warning, .settings, place, "\(parameter) is \(values[parameter] ?? ""): \(message)",
                    advice: "\(configCommand) SET \(parameter) \(value)"
                )
            )
        }
        if values["latency-tracking"] == "no" {
            warn("there are no latencies by command", "latency-tracking", "yes")
        }
        if let slower = values["slowlog-log-slower-than"].flatMap({ Int($0) }) {
            if slower < 0 { warn("slow commands are not logged", "slowlog-log-slower-than", "10000") }
            if slower == 0 { warn("every command is logged as slow", "slowlog-log-slower-than", "10000") }
        }
        if values["slowlog-max-len"] == "0" { warn("the slow log keeps nothing", "slowlog-max-len", "128") }
        if values["latency-monitor-threshold"] == "0" {
            warn("latency events, such as slow forks, are not noted", "latency-monitor-threshold", "100")
        }
        if values["maxmemory"] == "0" {
            warn(
                "there is no limit to warn before, and the system ends the server when memory runs out", "maxmemory",
                "<bytes>"
            )
        }
        return findings
    }
}
