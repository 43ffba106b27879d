import Outbound

/// What came of an attempt to deliver.
public enum DeliveryOutcome: Sendable, Equatable {
    /// The receiver has it.
    case delivered
    /// It may work later; `after` is what the receiver asked for, in milliseconds.
    case failed(reason: String, after: Int64?)
    /// It will never work.
    case refused(reason: String)

    /// Why the receiver does not have it; `nil` where it does.
    var problem: String? {
        switch self {
        case .delivered: nil
        case .failed(let reason, _), .refused(let reason): reason
        }
    }
}

/// The messages to one receiver: which is tried when.
///
/// Those of one group of alerts go out one after another; the groups side by side. While a receiver fails it is asked
/// with one message at a time, at growing distances, so that thousands of messages do not each find out by themselves
/// that it is down.
struct DeliveryQueue: Sendable {
    /// A message that waits.
    struct Item: Sendable, Equatable {
        let id: Int64
        let group: String
        /// When it was to be sent, milliseconds since 1970.
        let createdAt: Int64
        var attempts = 0
    }

    /// What is to be done after an attempt.
    enum Action: Equatable {
        /// It is over: the receiver has it.
        case done
        /// It stays, for a later attempt.
        case retry(reason: String)
        /// It is over without success.
        case giveUp(reason: String)
    }

    private struct Place: Comparable {
        let notBefore: Int64
        let id: Int64

        static func < (left: Place, right: Place) -> Bool {
            (left.notBefore, left.id) < (right.notBefore, right.id)
        }
    }

    /// How many messages are under way at most.
    private let width: Int
    private var giveUpAfter: Int64
    private let backoff: Backoff
    private var items: [Int64: Item] = [:]
    /// The first message of each group that has none under way, the one that is due first at the end.
    private var ready: [Place] = []
    /// The messages of each group, in order.
    private var groups: [String: [Int64]] = [:]
    private(set) var underWay: Set<Int64> = []
    /// Failed attempts since the last one that worked.
    private var failures = 0
    private var pausedUntil: Int64 = .min

    init(width: Int, giveUpAfter: Int64, backoff: Backoff = Backoff()) {
        self.width = width
        self.giveUpAfter = giveUpAfter
        self.backoff = backoff
    }

    /// The messages that wait or are under way.
    var count: Int {
        items.count
    }

    /// Whether the last attempt failed.
    var isFailing: Bool {
        failures > 0
    }

    /// Goes on with what waits in a queue of a configuration before; how long a message waits is by the new one.
    mutating func takeOver(_ old: DeliveryQueue) {
        let limit = giveUpAfter
        self = old
        giveUpAfter = limit
    }

    /// Adds a message; their numbers grow.
    mutating func add(_ item: Item) {
        items[item.id] = item
        groups[item.group, default: []].append(item.id)
        if groups[item.group]?.first == item.id { insert(Place(notBefore: item.createdAt, id: item.id)) }
    }

    private mutating func insert(_ place: Place) {
        var (low, high) = (0, ready.count)
        while low < high {
            let middle = (low + high) / 2
            if ready[middle] > place { low = middle + 1 } else { high = middle }
        }
        ready.insert(place, at: low)
    }

    /// The messages to send now; those that are too old are not among them, see `expire`.
    mutating func start(at now: Int64) -> [Item] {
        var started: [Item] = []
        let free = isFailing ? 1 : width
        while underWay.count < free, now >= pausedUntil, let next = ready.last, next.notBefore <= now {
            ready.removeLast()
            underWay.insert(next.id)
            if let item = items[next.id] { started.append(item) }
        }
        return started
    }

    /// When `start` may have something next; `nil` where only the end of an attempt can change that.
    var nextDue: Int64? {
        guard let next = ready.last, underWay.count < (isFailing ? 1 : width) else { return nil }
        return max(next.notBefore, pausedUntil)
    }

    /// Takes what came of an attempt; `random` is from 0 to 1.
    mutating func finish(_ id: Int64, _ outcome: DeliveryOutcome, at now: Int64, random: Double) -> Action {
        guard underWay.remove(id) != nil, var item = items[id] else { return .done }
        item.attempts += 1
        switch outcome {
        case .delivered:
            failures = 0
            pausedUntil = .min
            remove(item, now: now)
            return .done
        case .refused(let reason):
            // The receiver is well: it answers. It is this message that it does not want.
            remove(item, now: now)
            return .giveUp(reason: reason)
        case .failed(let reason, let after):
            failures += 1
            if now - item.createdAt >= giveUpAfter {
                remove(item, now: now)
                return .giveUp(reason: reason)
            }
            let pause = max(backoff.wait(failures: failures, random: random), min(after ?? 0, giveUpAfter))
            pausedUntil = now + pause
            items[id] = item
            // A message that fails again and again lets those of other groups go first.
            let own = max(pause, backoff.wait(failures: item.attempts, random: random))
            insert(Place(notBefore: now + own, id: id))
            return .retry(reason: reason)
        }
    }

    /// Takes the messages that have waited for too long out of the queue.
    mutating func expire(at now: Int64) -> [Item] {
        drop(items.values.filter { now - $0.createdAt >= giveUpAfter && !underWay.contains($0.id) }, at: now)
    }

    /// Takes the oldest messages out of the queue until it has no more than `limit`.
    mutating func shorten(to limit: Int, at now: Int64) -> [Item] {
        guard items.count > limit else { return [] }
        let waiting = items.values.filter { !underWay.contains($0.id) }.sorted { $0.id < $1.id }
        return drop(Array(waiting.prefix(items.count - limit)), at: now)
    }

    private mutating func drop(_ waiting: [Item], at now: Int64) -> [Item] {
        let dropped = Set(waiting.map(\.id))
        ready.removeAll { dropped.contains($0.id) }
        // The youngest first: no group gets a new first message that goes too.
        for item in waiting.sorted(by: { $0.id > $1.id }) { remove(item, now: now) }
        return waiting
    }

    private mutating func remove(_ item: Item, now: Int64) {
        items[item.id] = nil
        guard var waiting = groups[item.group], let place = waiting.firstIndex(of: item.id) else { return }
        waiting.remove(at: place)
        groups[item.group] = waiting.isEmpty ? nil : waiting
        guard place == 0 else { return }
        if let next = waiting.first { insert(Place(notBefore: now, id: next)) }
    }
}
