import Metrics
import NIOCore
import RedisClient
import RedisCollectors
import RedisFleet

/// Examines one server: whether it answers, what its user may not do, its settings and its clock.
struct ServerExamination: Sendable {
    /// A certificate that ends sooner is a warning, as in the bundled rules.
    private static let shortestValidity = 14
    /// The share of `maxclients` from which on new clients may be turned away.
    private static let fullShare = 0.9

    let node: ExaminedNode
    let connector: RedisConnector
    let timeout: Duration

    private var place: String {
        node.node.instance
    }

    private var options: ConnectionOptions {
        node.configuration.connection
    }

    func findings(on eventLoop: any EventLoop) async -> [Finding] {
        guard let outcome = node.outcome else {
            return [Finding(.error, .server, place, "it was not polled in time", advice: "Try again")]
        }
        if let failure = outcome.failure, failure.reason != .noperm {
            return [Finding(.error, Self.topic(of: failure), place, failure.message)]
        }
        let connection: RedisConnection
        do throws(RedisError) {
            let deadline = NIODeadline.now() + .nanoseconds(timeout.nanoseconds)
            connection = try await connector.connect(options, on: eventLoop, deadline: deadline)
        } catch {
            return [Finding(.error, Self.topic(of: error), place, error.message)]
        }
        defer { connection.close() }
        var findings: [Finding] = []
        if outcome.failure == nil { findings.append(answered(outcome)) }
        findings += certificate(of: connection)
        findings += await rights(connection, outcome)
        if outcome.facts?.isSentinel != true { findings += await settings(connection) }
        findings += await clockAndClients(connection)
        return findings
    }

    private static func topic(of error: RedisError) -> Finding.Topic {
        switch error.reason {
        case .tls: .tls
        case .noperm, .auth: .rights
        default: .server
        }
    }

    private func answered(_ outcome: PollOutcome) -> Finding {
        if let shortfall = outcome.shortfall { return Finding(.warning, .server, place, shortfall.message) }
        let facts = outcome.facts
        let role = facts?.role.rawValue ?? "server"
        return Finding(.ok, .server, place, "answers: \(role), version \(facts?.version ?? "unknown")")
    }

    private func certificate(of connection: RedisConnection) -> [Finding] {
        guard let expiry = connection.certificateExpiry else { return [] }
        let days = (expiry - WallClock.milliseconds() / 1000) / 86_400
        guard days < Self.shortestValidity else {
            return [Finding(.ok, .tls, place, "its certificate is valid for \(days) more days")]
        }
        return [
            Finding(
                days < 0 ? .error : .warning, .tls, place,
                days < 0 ? "its certificate has expired" : "its certificate is valid for \(days) more days only",
                advice: "Renew it on the server"
            )
        ]
    }

    // MARK: Rights

    private func rights(_ connection: RedisConnection, _ outcome: PollOutcome) async -> [Finding] {
        let checks = Rights.ofChecks(
            node.configuration.checks,
            configCommand: node.configuration.collectors.configCommand
        )
        let asked = (outcome.failure == nil ? node.refused : Rights.ofPolls) + checks
        var forbidden: [(command: Command, text: String)] = []
        var unknown: [Command] = []
        for (command, reply) in await replies(to: asked, connection) {
            guard let text = reply.errorText else { continue }
            switch reply.refusal {
            case .forbidden: forbidden.append((command, text))
            case .unknown: unknown.append(command)
            case .disabled, nil: break
            }
        }
        let lacksEvents = outcome.facts?.isSentinel == true ? await !hearsEvents(on: connection.eventLoop) : false
        var findings: [Finding] = []
        if !forbidden.isEmpty || lacksEvents {
            let user = await user(connection)
            let names = Set(forbidden.map { Rights.name($0.command) }).sorted() + (lacksEvents ? ["PSUBSCRIBE"] : [])
            findings.append(
                Finding(
                    outcome.failure == nil ? .warning : .error, .rights, place,
                    "the user \(user) may not run \(names.joined(separator: ", "))",
                    advice: Rights.grantLine(user: user, forbidden, channels: lacksEvents)
                )
            )
        }
        if unknown.contains(where: { $0.name == node.configuration.collectors.configCommand }) {
            findings.append(
                Finding(
                    .warning, .rights, place, "it does not know \(node.configuration.collectors.configCommand)",
                    advice: "Say what CONFIG is called there (--config-command), or - if it is not to be sent"
                )
            )
        } else if !unknown.isEmpty {
            let names = Set(unknown.map(Rights.name)).sorted().joined(separator: ", ")
            findings.append(Finding(.ok, .rights, place, "it does not know \(names), which is left out"))
        }
        return findings.isEmpty ? [Finding(.ok, .rights, place, "its user may run all that is asked")] : findings
    }

    /// Asks once for what was refused, for the server's words.
    private func replies(to commands: [Command], _ connection: RedisConnection) async -> [(Command, Reply)] {
        var unique: [Command] = []
        for command in commands where !unique.contains(command) { unique.append(command) }
        let result = await connection.execute(Pipeline(unique), deadline: .now() + .nanoseconds(timeout.nanoseconds))
        return zip(unique, 0..<result.replies.count).map { ($0, result.replies[$1]) }
    }

    private func user(_ connection: RedisConnection) async -> String {
        let reply = await replies(to: [Command("ACL", "WHOAMI")], connection).first?.1
        if let reply, reply.errorText == nil, !reply.text.isEmpty { return reply.text }
        return options.address.user ?? "default"
    }

    /// A subscription takes a connection of its own.
    private func hearsEvents(on eventLoop: any EventLoop) async -> Bool {
        let deadline = NIODeadline.now() + .nanoseconds(timeout.nanoseconds)
        guard let connection = try? await connector.connect(options, on: eventLoop, deadline: deadline) else {
            return true
        }
        defer { connection.close() }
        do throws(RedisError) {
            _ = try await connection.subscribe(toPattern: "*", deadline: deadline)
            return true
        } catch {
            return error.reason != .noperm
        }
    }

    // MARK: Settings, clock, clients

    private func settings(_ connection: RedisConnection) async -> [Finding] {
        let name = node.configuration.collectors.configCommand
        guard name != "-" else { return [] }
        let commands = ServerSettings.parameters.map { Command(name, "GET", $0) }
        var values: [String: String] = [:]
        for (_, reply) in await replies(to: commands, connection) where reply.count == 2 {
            let pair = reply.elements.map(\.text)
            values[pair[0]] = pair[1]
        }
        // That it is refused is said among the rights.
        guard !values.isEmpty else { return [] }
        let findings = ServerSettings(values: values, configCommand: name).findings(at: place)
        return findings.isEmpty ? [Finding(.ok, .settings, place, "its settings hide nothing")] : findings
    }

    private func clockAndClients(_ connection: RedisConnection) async -> [Finding] {
        let askedAt = Double(WallClock.milliseconds()) / 1000
        guard let reply = await replies(to: [Command("INFO")], connection).first?.1, reply.errorText == nil else {
            return []
        }
        let answeredAt = Double(WallClock.milliseconds()) / 1000
        let info = ServerInfo(reply.text)
        var findings: [Finding] = []
        // Since 6.2.
        if let microseconds = info.number("server_time_usec") {
            let time = Double(microseconds) / 1e6
            findings.append(ClockSkew.finding(time, askedAt: askedAt, answeredAt: answeredAt, at: place))
        }
        if let clients = info.number("connected_clients"),
            let limit = info.number("maxclients") ?? node.outcome?.facts?.maxClients.map({ Int($0) }), limit > 0,
            Double(clients) > Double(limit) * Self.fullShare
        {
            findings.append(
                Finding(
                    .warning, .limits, place, "\(clients) of at most \(limit) clients are connected",
                    advice: "Raise maxclients, or find who does not disconnect; Redstart needs one or two connections"
                )
            )
        }
        return findings
    }
}

extension Duration {
    /// In nanoseconds, for deadlines of minutes at most.
    fileprivate var nanoseconds: Int64 {
        components.seconds &* 1_000_000_000 &+ components.attoseconds / 1_000_000_000
    }
}
