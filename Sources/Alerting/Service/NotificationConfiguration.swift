/// Who is told of alerts, and how.
public struct NotificationConfiguration: Sendable {
    /// The Alertmanagers, which get every alert.
    public var alertmanagers: [Alertmanager] = []
    /// The receivers, which get messages by routes.
    public var receivers: [Receiver] = []
    /// The routes; the first receiver gets everything if there are none.
    public var route: AlertRoute?
    /// Which alerts keep others back from receivers.
    public var inhibitions = InhibitionRule.standard
    /// The labels that are added to all alerts, and the address under which people reach the daemon.
    public var externals = TemplateExternals()
    /// How long a message is tried to be delivered.
    public var giveUpAfter: Duration = .seconds(3600)
    /// How often an Alertmanager is told that an alert still fires.
    public var resendDelay: Duration = .seconds(60)
    /// Whether an Alertmanager is told that an alert has ended; else the alert ends there when nobody tells of it any
    /// more, after four times `resendDelay`.
    ///
    /// For several processes that may tell the same alert: a word of its end would count for all of them.
    public var tellsEnds = true

    /// Tells nobody.
    public init() {}

    /// Whether anybody is to be told.
    public var isActive: Bool {
        !alertmanagers.isEmpty || !receivers.isEmpty
    }

    var root: AlertRoute {
        route ?? AlertRoute(receiver: receivers.first?.name ?? "")
    }

    var giveUpMilliseconds: Int64 {
        giveUpAfter.components.seconds * 1000 + giveUpAfter.components.attoseconds / 1_000_000_000_000_000
    }

    var resendMilliseconds: Int64 {
        resendDelay.components.seconds * 1000 + resendDelay.components.attoseconds / 1_000_000_000_000_000
    }
}
