public import Metrics

/// One element of what the template function `query` gives.
public struct TemplateSample: Sendable {
    /// The labels, with `__name__` where the series has a name.
    public let labels: Labels
    /// The value.
    public let value: Double

    /// Joins labels and value.
    public init(labels: Labels, value: Double) {
        self.labels = labels
        self.value = value
    }
}

/// A value while a template runs.
///
/// The names in comments are Go's types, which show in messages.
indirect enum TemplateValue {
    /// A nil interface, as a missing argument or the result of a template called without data.
    case none
    case bool(Bool)
    /// `int`
    case integer(Int64)
    /// `float64`
    case float(Double)
    case string(String)
    /// `map[string]string`
    case labels(Labels)
    /// `map[string]interface {}`
    case map([String: TemplateValue])
    /// `template.queryResult`
    case vector([TemplateSample])
    /// `*template.sample`
    case sample(TemplateSample)
    /// `*time.Time`
    case time(GoTime)
    /// `*time.Duration`
    case duration(nanoseconds: Int64)
    /// The data that the template was given.
    case data(TemplateContext)

    var typeName: String {
        switch self {
        case .none: "<nil>"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float64"
        case .string: "string"
        case .labels: "map[string]string"
        case .map: "map[string]interface {}"
        case .vector: "template.queryResult"
        case .sample: "*template.sample"
        case .time: "*time.Time"
        case .duration: "*time.Duration"
        case .data:
            "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; "
                + "Value interface {} }"
        }
    }

    /// What `if` makes of it: zero, the empty text and empty collections are false.
    var isTrue: Bool {
        switch self {
        case .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .labels(let labels): !labels.isEmpty
        case .map(let entries): !entries.isEmpty
        case .vector(let samples): !samples.isEmpty
        case .sample, .time, .duration, .data: true
        }
    }

    /// The value as `{{ }}` writes it.
    var printed: String {
        if case .none = self { return "<no value>" }
        return formatted
    }

    /// The value as `%v` writes it.
    var formatted: String {
        switch self {
        case .none: return "<nil>"
        case .bool(let value): return String(value)
        case .integer(let value): return String(value)
        case .float(let value): return GoFloat.shortest(value)
        case .string(let text): return text
        case .labels(let labels):
            return "map[" + labels.pairs.map { "\($0.name):\($0.value)" }.joined(separator: " ") + "]"
        case .map(let entries):
            let sorted = entries.sorted { $0.key < $1.key }
            return "map[" + sorted.map { "\($0.key):\($0.value.formatted)" }.joined(separator: " ") + "]"
        case .vector(let samples):
            return "[" + samples.map { TemplateValue.sample($0).formatted }.joined(separator: " ") + "]"
        case .sample(let sample):
            return "{\(TemplateValue.labels(sample.labels).formatted) \(GoFloat.shortest(sample.value))}"
        case .time(let time): return time.description
        case .duration(let nanoseconds): return goDuration(nanoseconds: nanoseconds)
        case .data(let context):
            let labels = TemplateValue.labels(context.labels).formatted
            let external = TemplateValue.labels(context.external.labels).formatted
            return "{\(labels) \(external) \(context.external.url) \(GoFloat.shortest(context.value))}"
        }
    }
}
