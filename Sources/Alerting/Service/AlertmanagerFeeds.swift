import Glibc
import HTTPClient
import Metrics
import Outbound

/// The Alertmanagers that are known, and what each has been sent.
struct AlertmanagerFeeds: Sendable {
    /// One Alertmanager.
    struct Target: Sendable {
        /// Its address without anything secret.
        let name: String
        let url: HTTPURL
        /// The address of the network, where a name stands for several.
        let address: String?
        let settings: Alertmanager
    }

    /// Why not everything was taken.
    struct Failure: Sendable {
        let reason: String
        let after: Int64?
        /// Whether it makes no sense to try again.
        let isFinal: Bool
    }

    /// What came of sending alerts.
    struct Result: Sendable {
        var delivered: [NotifiedAlert] = []
        var batches = 0
        var failure: Failure?
    }

    private let settings: [Alertmanager]
    private let resendDelay: Int64
    private let tellsEnds: Bool
    private let giveUpAfter: Int64
    private(set) var targets: [Target] = []
    private var feeds: [String: AlertmanagerFeed] = [:]
    private var busy: Set<String> = []

    /// The Alertmanagers of a configuration; of names those addresses that were found `before`, until they are looked up.
    init(_ configuration: NotificationConfiguration, before: AlertmanagerFeeds? = nil) {
        settings = configuration.alertmanagers
        resendDelay = configuration.resendMilliseconds
        tellsEnds = configuration.tellsEnds
        giveUpAfter = configuration.giveUpMilliseconds
        targets = before?.targets ?? []
        replace(discovered: [:])
    }

    var isEmpty: Bool {
        targets.isEmpty
    }

    /// Whether names have to be looked up from time to time.
    var needsDiscovery: Bool {
        settings.contains(where: \.discovers)
    }

    /// The addresses that the names stand for; blocks until all are looked up.
    func lookUp() -> [String: [String]] {
        var found: [String: [String]] = [:]
        for url in settings.filter(\.discovers).flatMap(\.urls) { found[url.host] = Self.addresses(of: url.host) }
        return found
    }

    /// Takes the addresses that names stand for now; a name for which none was found keeps those it had.
    mutating func replace(discovered: [String: [String]]) {
        var new: [Target] = []
        for one in settings {
            for url in one.urls {
                guard one.discovers else {
                    new.append(Target(name: url.origin, url: url, address: nil, settings: one))
                    continue
                }
                let known = targets.filter { $0.url == url && $0.address != nil }.compactMap(\.address)
                let addresses = discovered[url.host] ?? []
                for address in addresses.isEmpty ? known : addresses {
                    new.append(Target(name: "\(url.origin) (\(address))", url: url, address: address, settings: one))
                }
            }
        }
        targets = new
        for target in new where feeds[target.name] == nil {
            feeds[target.name] = AlertmanagerFeed(
                resendDelay: resendDelay, tellsEnds: tellsEnds, giveUpAfter: giveUpAfter
            )
        }
        let names = Set(new.map(\.name))
        feeds = feeds.filter { names.contains($0.key) }
    }

    /// Those that nothing is being sent to.
    var idle: [Target] {
        targets.filter { !busy.contains($0.name) }
    }

    /// The alerts to send to one now; if there are any, it is busy until `finish`.
    mutating func start(_ target: Target, _ alerts: some Collection<NotifiedAlert>, at now: Int64) -> [NotifiedAlert] {
        let due = feeds[target.name]?.due(alerts, at: now) ?? []
        if !due.isEmpty { busy.insert(target.name) }
        return due
    }

    /// Takes what came of it; whether it has failed for so long that it is to be reported.
    mutating func finish(_ target: Target, _ result: Result, at now: Int64, random: Double) -> Bool {
        busy.remove(target.name)
        feeds[target.name]?.note(delivered: result.delivered, at: now)
        guard let failure = result.failure, !failure.isFinal else {
            feeds[target.name]?.noteSuccess()
            return false
        }
        return feeds[target.name]?.note(failed: failure.after, at: now, random: random) ?? false
    }

    mutating func forget(_ key: Labels) {
        for name in feeds.keys { feeds[name]?.forget(key) }
    }

    private static func addresses(of host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let first = list else { return [] }
        defer { freeaddrinfo(first) }
        var found: [String] = []
        for entry in sequence(first: first, next: { $0.pointee.ai_next }) {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let (address, length) = (entry.pointee.ai_addr, entry.pointee.ai_addrlen)
            let code = getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            guard code == 0 else { continue }
            let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !found.contains(name) { found.append(name) }
        }
        return found.sorted()
    }
}

extension AlertmanagerFeeds.Target {
    /// Sends alerts in batches, some side by side; stops at the first that fails.
    func send(_ alerts: [NotifiedAlert], validUntil: Int64, client: HTTPClient) async -> AlertmanagerFeeds.Result {
        var result = AlertmanagerFeeds.Result()
        let size = AlertmanagerBody.batchSize
        let batches = stride(from: 0, to: alerts.count, by: size).map { alerts[$0..<min($0 + size, alerts.count)] }
        for start in stride(from: 0, to: batches.count, by: Self.width) {
            let some = batches[start..<min(start + Self.width, batches.count)]
            await withTaskGroup(of: (ArraySlice<NotifiedAlert>, DeliveryOutcome).self) { group in
                for batch in some {
                    group.addTask { (batch, await send(batch, validUntil: validUntil, client: client)) }
                }
                for await (batch, outcome) in group { result.note(batch, outcome) }
            }
            if let failure = result.failure, !failure.isFinal { break }
        }
        return result
    }

    /// How many requests to one Alertmanager are under way at most.
    private static let width = 4

    private func send(
        _ batch: ArraySlice<NotifiedAlert>,
        validUntil: Int64,
        client: HTTPClient
    ) async -> DeliveryOutcome {
        let rendered = AlertmanagerBody.render(batch, relabelling: settings.relabelling, validUntil: validUntil)
        guard rendered.count > 0 else { return .delivered }
        let access: [(name: String, value: String)]
        do {
            access = try settings.access.headers()
        } catch {
            return .failed(reason: "secret", after: nil)
        }
        var request = ClientRequest(
            method: "POST",
            url: url.appending(path: "/api/v2/alerts"),
            headers: HTTPAccess.commonHeaders + access,
            body: rendered.body,
            timeout: settings.access.timeout,
            tls: settings.access.tls
        )
        request.address = address
        return await client.deliver(request)
    }
}

extension AlertmanagerFeeds.Result {
    mutating func note(_ batch: ArraySlice<NotifiedAlert>, _ outcome: DeliveryOutcome) {
        switch outcome {
        case .delivered:
            delivered += batch
            batches += 1
        case .refused(let reason):
            // It would refuse the same again at once: it is told anew when the alerts are due anyway.
            delivered += batch
            if failure == nil { failure = AlertmanagerFeeds.Failure(reason: reason, after: nil, isFinal: true) }
        case .failed(let reason, let after):
            failure = AlertmanagerFeeds.Failure(reason: reason, after: after, isFinal: false)
        }
    }
}
