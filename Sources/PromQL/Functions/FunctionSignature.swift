/// What the parser and the checker know of a function.
public struct FunctionSignature: Sendable {
    /// The name in a query.
    public let name: String
    /// The types of the arguments; the last one repeats where more are allowed.
    public let argumentTypes: [ValueType]
    /// `nil` where all arguments must be given; else how many there may be from the last type on, `.some(nil)` for
    /// any number.
    let optionalArguments: Int??
    /// The type of the value.
    public let returnType: ValueType
    /// Whether Prometheus offers it only with `promql-experimental-functions`.
    public let isExperimental: Bool
    let kind: FunctionKind

    /// How many arguments beyond the required ones are allowed: 0 for none, -1 for any number, as Prometheus shows it.
    public var variadic: Int {
        switch optionalArguments {
        case .none: 0
        case .some(nil): -1
        case .some(let count?): count
        }
    }

    init(
        _ name: String,
        _ argumentTypes: [ValueType],
        optional: Int?? = .none,
        returns returnType: ValueType = .vector,
        experimental: Bool = false,
        _ kind: FunctionKind
    ) {
        self.name = name
        self.argumentTypes = argumentTypes
        optionalArguments = optional
        self.returnType = returnType
        isExperimental = experimental
        self.kind = kind
    }
}

/// Which part of the evaluator computes a function.
enum FunctionKind: Sendable {
    /// Many samples of one series to one value a step.
    case range(RangeFunction)
    /// One value to one value.
    case element(ElementFunction)
    /// A part of the date of a value or of the step.
    case date(DatePart)
    /// Everything that looks at labels, at several series or at the query.
    case special(SpecialFunction)
}

enum SpecialFunction: Sendable {
    case absent, absentOverTime, info, labelJoin, labelReplace, pi, scalar, time, timestamp, vector
    case histogramFraction, histogramQuantile
    /// Native histograms only: a float has no such thing.
    case nativeHistogram
    case sort(descending: Bool)
    case sortByLabel(descending: Bool)
}

/// Every function of PromQL, by family.
enum FunctionCatalog {
    static let all: [FunctionSignature] =
        RateFunctions.table + OverTimeFunctions.table + RegressionFunctions.table + MathFunctions.table
        + DateFunctions.table + LabelFunctions.table + HistogramFunctions.table + ShapeFunctions.table

    private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    static func function(named name: String) -> FunctionSignature? {
        byName[name]
    }
}
