import HTTPClient
import NIOPosix

/// The messages to the receivers of the routes: each way to tell a receiver has a queue of its own.
struct Outbox: Sendable {
    /// One way to tell one receiver.
    struct Way: Sendable {
        let receiver: String
        let toleratesRepetition: Bool
        let sender: any MessageSender
    }

    /// A message that is to be sent now, by its way.
    struct Departure: Sendable {
        let endpoint: String
        let item: DeliveryQueue.Item
        let way: Way
    }

    /// Messages that left a queue without being delivered.
    typealias Dropped = (receiver: String, items: [DeliveryQueue.Item])

    /// A way and what waits for it; the way alone goes along with a delivery, so that the queue stays unshared.
    private struct Endpoint {
        let way: Way
        var queue: DeliveryQueue
    }

    /// How many messages to one receiver are under way at most.
    private static let width = 8
    /// How many messages wait for one receiver at most; the oldest go.
    private static let queueLimit = 10_000

    private var endpoints: [String: Endpoint] = [:]

    /// The ways to all receivers of a configuration.
    init(_ configuration: NotificationConfiguration, client: HTTPClient, threads: NIOThreadPool) {
        let url = configuration.externals.url
        for receiver in configuration.receivers {
            for (index, integration) in receiver.integrations.enumerated() {
                let sender: any MessageSender
                if case .command(let settings) = integration {
                    sender = CommandSender(settings: settings, externalURL: url, threads: threads)
                } else {
                    sender = HTTPSender(integration: integration, client: client, externalURL: url)
                }
                endpoints[receiver.endpoint(index)] = Endpoint(
                    way: Way(
                        receiver: receiver.name,
                        toleratesRepetition: integration.toleratesRepetition,
                        sender: sender
                    ),
                    queue: DeliveryQueue(width: Self.width, giveUpAfter: configuration.giveUpMilliseconds)
                )
            }
        }
    }

    /// The way of an endpoint; `nil` where it is not configured any more.
    func way(of endpoint: String) -> Way? {
        endpoints[endpoint]?.way
    }

    /// Takes over what waits in the outbox of the configuration before; returns what waited for ways that are gone.
    mutating func takeOver(_ old: Outbox, at now: Int64) -> [Dropped] {
        var dropped: [Dropped] = []
        for (id, var endpoint) in old.endpoints {
            guard endpoints[id] == nil else {
                endpoints[id]?.queue.takeOver(endpoint.queue)
                continue
            }
            dropped.append((endpoint.way.receiver, endpoint.queue.shorten(to: 0, at: now)))
        }
        return dropped
    }

    mutating func add(_ item: DeliveryQueue.Item, to endpoint: String) {
        endpoints[endpoint]?.queue.add(item)
    }

    /// Takes out the oldest messages of queues that are too long.
    mutating func shorten(at now: Int64) -> [Dropped] {
        drop { $0.shorten(to: Self.queueLimit, at: now) }
    }

    /// Takes out the messages that have waited for too long.
    mutating func expire(at now: Int64) -> [Dropped] {
        drop { $0.expire(at: now) }
    }

    private mutating func drop(_ take: (inout DeliveryQueue) -> [DeliveryQueue.Item]) -> [Dropped] {
        var dropped: [Dropped] = []
        for id in Array(endpoints.keys) {
            guard var endpoint = endpoints.removeValue(forKey: id) else { continue }
            let items = take(&endpoint.queue)
            endpoints[id] = endpoint
            if !items.isEmpty { dropped.append((endpoint.way.receiver, items)) }
        }
        return dropped
    }

    /// The messages to send now; each is under way until `finish`.
    mutating func start(at now: Int64) -> [Departure] {
        Array(endpoints.keys).flatMap { id -> [Departure] in
            guard let started = endpoints[id]?.queue.start(at: now), let way = endpoints[id]?.way else { return [] }
            return started.map { Departure(endpoint: id, item: $0, way: way) }
        }
    }

    /// Takes what came of an attempt; `random` is from 0 to 1.
    ///
    /// `nil` where the way is not configured any more.
    mutating func finish(
        _ departure: Departure,
        _ outcome: DeliveryOutcome,
        at now: Int64,
        random: Double
    ) -> DeliveryQueue.Action? {
        endpoints[departure.endpoint]?.queue.finish(departure.item.id, outcome, at: now, random: random)
    }

    /// When `start` may have something next.
    var nextDue: Int64? {
        endpoints.values.compactMap(\.queue.nextDue).min()
    }

    /// How many messages wait for a receiver or are under way to it.
    func count(of receiver: String) -> Int {
        endpoints.values.reduce(0) { $0 + ($1.way.receiver == receiver ? $1.queue.count : 0) }
    }
}
