import NIOCore
import RedisClient

/// A subscription to the events of one Sentinel, which ends when its connection does.
struct SentinelListener: Sendable {
    /// What is told to who listens.
    enum News: Sendable {
        /// From now on events are heard; what happened before was not.
        case subscribed
        /// An event.
        case message(ChannelMessage)
    }

    private static let connectTimeout: TimeAmount = .seconds(5)

    let options: ConnectionOptions
    let connector: RedisConnector
    let eventLoop: any EventLoop

    /// Listens until the connection ends or the task is cancelled.
    ///
    /// Why it ends is of no interest: if the Sentinel is down its session tells why.
    func listen(_ tell: (News) async -> Void) async {
        let deadline = NIODeadline.now() + Self.connectTimeout
        guard let connection = try? await connector.connect(options, on: eventLoop, deadline: deadline),
            let messages = try? await connection.subscribe(toPattern: "*", deadline: deadline)
        else { return }
        await tell(.subscribed)
        do {
            for try await message in messages { await tell(.message(message)) }
        } catch {
            return
        }
    }
}

/// How a subscription stands, and when it is tried again.
struct SubscriptionState {
    /// The one that is under way.
    var task: Task<Void, Never>?
    /// Whether events are heard.
    var isSubscribed = false
    private var breaker = CircuitBreakerStateMachine()

    func mayStart(now: ContinuousClock.Instant) -> Bool {
        task == nil && breaker.allowsAttempt(now: now)
    }

    mutating func start(_ task: Task<Void, Never>) {
        breaker.begin()
        self.task = task
    }

    mutating func subscribed() {
        isSubscribed = true
        breaker.succeed()
    }

    /// The subscription is over; returns when it may be tried again.
    mutating func ended(now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        task = nil
        isSubscribed = false
        breaker.fail(now: now, jitter: .random(in: 0...1))
        return breaker.retryAt ?? now
    }
}
