public import HTTPClient
public import Metrics
public import Outbound

/// Where samples are written, and how.
public struct EndpointConfiguration: Sendable, Equatable {
    /// What a request holds.
    public enum Format: String, Sendable, CaseIterable {
        /// Remote write 1.0.
        case remoteWrite1 = "prometheus.WriteRequest"
        /// Remote write 2.0.
        case remoteWrite2 = "io.prometheus.write.v2.Request"
        /// OTLP over HTTP, in protobuf.
        case otlp = "otlp"
    }

    /// How samples are put into requests, and how often these are tried.
    public struct Sending: Sendable, Equatable {
        /// The most samples of a request.
        public var maxSamples = 2000
        /// How many requests are under way at most.
        public var maxShards = 10
        /// How long samples wait for others.
        public var deadline: Duration = .seconds(5)
        /// The pauses between attempts.
        public var backoff = Backoff(first: 30, longest: 5000)
        /// Whether a request is tried again after the status 429.
        public var retriesTooManyRequests = true
        /// How old samples may get that wait; 0 for any age.
        public var ageLimitMilliseconds: Int64 = 0

        /// What Prometheus does by default, but that 429 is not the end.
        public init() {}
    }

    /// The name in metrics and logs.
    public var name: String
    /// Where requests go.
    public var url: HTTPURL
    /// What they hold.
    public var format: Format
    /// How to get in.
    public var access: HTTPAccess
    /// Further header fields.
    public var headers: [Header] = []
    /// What is done to labels.
    public var relabelling: [RelabelRule] = []
    /// How samples are sent.
    public var sending = Sending()

    /// A header field.
    public struct Header: Sendable, Equatable {
        let name: String
        let value: String
    }

    /// An endpoint with defaults for all else.
    public init(name: String, url: HTTPURL, format: Format = .remoteWrite1, access: HTTPAccess = HTTPAccess()) {
        self.name = name
        self.url = url
        self.format = format
        self.access = access
    }
}

/// What is written remotely.
public struct RemoteWriteConfiguration: Sendable, Equatable {
    /// Where to.
    public var endpoints: [EndpointConfiguration] = []
    /// Labels for series that do not have them.
    public var externalLabels = Labels()
    /// The most bytes on disk of what waits; `nil` for the default.
    public var queueBytes: Int?
    /// Where `for` clocks of other processes are asked for; `nil` for nowhere.
    public var alertStates: AlertStateSource?

    /// Nothing.
    public init() {}
}
