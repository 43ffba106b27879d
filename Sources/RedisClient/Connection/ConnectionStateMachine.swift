/// What a connection does next: events in, actions out; no socket, no clock.
///
/// Requests are answered in the order in which they were sent. Any fault ends the connection: which reply belongs to
/// which command is then not known any more.
struct ConnectionStateMachine {
    /// A pipeline that waits for its replies.
    private struct Request {
        let id: Int
        let expected: Int
        var received = 0
    }

    private enum State {
        case connecting
        case handshaking(next: Int, refusals: [HandshakeRefusal])
        case ready
        /// Every reply is a message from now on, none the answer to a request.
        case subscribed
        case closed(ConnectionFault)
    }

    private let steps: [HandshakeStep]
    private var state = State.connecting
    /// What was sent and is not fully answered, in this order.
    private var requests: [Request] = []
    private var nextID = 0

    init(steps: [HandshakeStep]) {
        self.steps = steps
    }

    // MARK: Connected

    enum ConnectedAction: Equatable {
        case sendHandshake
        case none
    }

    /// The socket is connected.
    mutating func connected() -> ConnectedAction {
        switch state {
        case .connecting:
            state = .handshaking(next: 0, refusals: [])
            return .sendHandshake
        case .handshaking, .ready, .subscribed, .closed:
            return .none
        }
    }

    // MARK: Requests

    enum RequestAction: Equatable {
        /// Send it; the replies belong to this id.
        case send(id: Int)
        case refuse(ConnectionFault)
    }

    /// Somebody wants to send a pipeline with this number of replies, one at least.
    mutating func request(expecting count: Int) -> RequestAction {
        switch state {
        case .connecting, .handshaking:
            return .refuse(.other("the connection is not ready"))
        case .subscribed:
            return .refuse(.other("the connection is subscribed"))
        case .ready:
            let id = nextID
            nextID += 1
            requests.append(Request(id: id, expected: count))
            return .send(id: id)
        case .closed(let fault):
            return .refuse(fault)
        }
    }

    // MARK: Replies

    enum ReplyAction: Equatable {
        case none
        case becomeReady([HandshakeRefusal])
        case complete(id: Int)
        /// A message of the subscription.
        case message
        /// Close; this is the outcome of the handshake or of all requests.
        case fail(ConnectionFault)
    }

    /// A complete reply has arrived.
    ///
    /// - Parameter errorText: The text of an error reply; asked for only where it decides something.
    mutating func received(errorText: @autoclosure () -> String?) -> ReplyAction {
        switch state {
        case .connecting, .closed:
            return .none
        case .handshaking(let next, let refusals):
            return receivedInHandshake(errorText(), step: next, refusals: refusals)
        case .ready:
            guard !requests.isEmpty else {
                return fail(errorText().map { .unaskedError(reply: $0) } ?? .unaskedReply)
            }
            requests[0].received += 1
            guard requests[0].received == requests[0].expected else { return .none }
            return .complete(id: requests.removeFirst().id)
        case .subscribed:
            return .message
        }
    }

    /// The request that was completed last has begun a subscription.
    mutating func subscribed() {
        if case .ready = state { state = .subscribed }
    }

    private mutating func receivedInHandshake(
        _ errorText: String?,
        step index: Int,
        refusals: [HandshakeRefusal]
    ) -> ReplyAction {
        let step = steps[index]
        var refusals = refusals
        if let errorText {
            guard step.isOptional, Self.isTolerable(errorText) else {
                return fail(.handshakeRefused(step, reply: errorText))
            }
            if let refusal = CommandRefusal(errorReply: errorText) {
                refusals.append(HandshakeRefusal(command: step.commandName, refusal: refusal))
            }
        }
        guard index + 1 < steps.count else {
            state = .ready
            return .becomeReady(refusals)
        }
        state = .handshaking(next: index + 1, refusals: refusals)
        return .none
    }

    /// Whether the connection is good although a step that may fail has failed so.
    private static func isTolerable(_ errorText: String) -> Bool {
        switch FailureReason(errorReply: errorText) {
        case nil, .noperm, .loading, .busy: true
        default: false
        }
    }

    // MARK: Faults

    /// Why the connection ended, `nil` before that.
    var fault: ConnectionFault? {
        if case .closed(let fault) = state { fault } else { nil }
    }

    /// Something went wrong, or the caller wants an end.
    ///
    /// - Returns: Whether this is news: close then, and tell all who wait.
    mutating func failed(_ fault: ConnectionFault) -> Bool {
        switch state {
        case .connecting, .handshaking, .ready, .subscribed:
            state = .closed(fault)
            return true
        case .closed:
            return false
        }
    }

    /// The server closed its side.
    mutating func closedByServer() -> Bool {
        switch state {
        case .connecting, .handshaking: failed(.closedByServer(duringHandshake: true))
        case .ready, .subscribed: failed(.closedByServer(duringHandshake: false))
        case .closed: false
        }
    }

    /// The deadline of a request passed.
    ///
    /// False when that request has its replies already.
    mutating func deadlinePassed(id: Int, after time: Duration) -> Bool {
        guard case .ready = state, let request = requests.first(where: { $0.id == id }) else {
            return false
        }
        return failed(.replyTimeout(received: request.received, of: request.expected, after: time))
    }

    private mutating func fail(_ fault: ConnectionFault) -> ReplyAction {
        state = .closed(fault)
        return .fail(fault)
    }
}

extension HandshakeStep {
    /// Whether the connection is good without it.
    fileprivate var isOptional: Bool {
        switch self {
        case .setName, .ping: true
        case .authenticate, .select: false
        }
    }

    /// The command without arguments.
    var commandName: String {
        switch self {
        case .authenticate: "AUTH"
        case .setName: "CLIENT SETNAME"
        case .select: "SELECT"
        case .ping: "PING"
        }
    }
}
