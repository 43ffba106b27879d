import PromQL

/// Why a function of a template cannot give a result; the execution adds the place.
struct FunctionFailure: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// A function that templates can call.
struct TemplateFunction: Sendable {
    /// What an argument must be, as Go's reflection would check it.
    enum Parameter: Sendable {
        case any
        case string
        case sample
        case vector

        var typeName: String {
            switch self {
            case .any: "interface {}"
            case .string: "string"
            case .sample: "*template.sample"
            case .vector: "template.queryResult"
            }
        }

        func accepts(_ value: TemplateValue) -> Bool {
            switch (self, value) {
            case (.any, _), (.string, .string), (.sample, .sample), (.vector, .vector): true
            default: false
            }
        }
    }

    typealias Body = @Sendable ([TemplateValue], TemplateContext) throws(FunctionFailure) -> TemplateValue

    let name: String
    let parameters: [Parameter]
    /// Whether the last parameter may be given any number of times, also not at all.
    let isVariadic: Bool
    let body: Body

    init(_ name: String, _ parameters: [Parameter], isVariadic: Bool = false, _ body: @escaping Body) {
        self.name = name
        self.parameters = parameters
        self.isVariadic = isVariadic
        self.body = body
    }

    /// The parameter at a place in the argument list.
    func parameter(at index: Int) -> Parameter {
        index < parameters.count ? parameters[index] : parameters.last ?? .any
    }

    static func named(_ name: String) -> TemplateFunction? {
        byName[name]
    }

    private static let byName: [String: TemplateFunction] = {
        let all = language + comparisons + queries + texts + numbers
        return Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    }()
}

/// The text of a string argument, whose type the execution has checked; anything else is empty.
func text(_ value: TemplateValue) -> String {
    if case .string(let text) = value { return text }
    return ""
}

/// A number or the text of one, as Prometheus' functions take it.
func number(_ value: TemplateValue) throws(FunctionFailure) -> Double {
    switch value {
    case .float(let value): return value
    case .integer(let value): return Double(value)
    case .duration(let nanoseconds): return Double(nanoseconds) / 1e9
    case .string(let text):
        guard let parsed = Double(text) else {
            throw FunctionFailure("strconv.ParseFloat: parsing \(Quoting.quoted(text)): invalid syntax")
        }
        if parsed.isInfinite, text.utf8.contains(where: { $0 &- 0x30 < 10 }) {
            throw FunctionFailure("strconv.ParseFloat: parsing \(Quoting.quoted(text)): value out of range")
        }
        return parsed
    default: throw FunctionFailure("can't convert \(value.typeName) to float")
    }
}
