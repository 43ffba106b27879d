public import Metrics

/// What all templates of a daemon can see of it.
public struct TemplateExternals: Sendable {
    /// The labels that the daemon adds to everything it sends.
    public let labels: Labels
    /// The address under which users reach the daemon; may be empty.
    public let url: String

    /// Joins labels and address.
    public init(labels: Labels = Labels(), url: String = "") {
        self.labels = labels
        self.url = url
    }

    /// The path of the address, for links on the same host.
    var pathPrefix: String {
        // `scheme:`, nothing, and the rest, when cut at the first two slashes.
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let isAbsolute = parts.count == 3 && parts[0].last == ":" && parts[1].isEmpty
        let rest = isAbsolute ? parts[2] : Substring(url)
        guard let slash = rest.firstIndex(of: "/") else { return "" }
        return String(rest[slash...].prefix { $0 != "?" && $0 != "#" })
    }
}

/// What one template is expanded with.
public struct TemplateContext {
    /// The labels of the sample that made the alert.
    public let labels: Labels
    /// Its value.
    public let value: Double
    /// What the daemon adds.
    public let external: TemplateExternals
    /// The time of the evaluation in milliseconds since 1970.
    public let timestampMilliseconds: Int64
    /// Answers the template function `query`.
    public let query: (String) throws(TemplateError) -> [TemplateSample]

    /// Joins what a template sees.
    public init(
        labels: Labels,
        value: Double,
        external: TemplateExternals,
        timestampMilliseconds: Int64,
        query: @escaping (String) throws(TemplateError) -> [TemplateSample]
    ) {
        self.labels = labels
        self.value = value
        self.external = external
        self.timestampMilliseconds = timestampMilliseconds
        self.query = query
    }
}
