/// A node of a parsed query.
///
/// Ranges count bytes of UTF-8 in the text of the query.
public indirect enum Expression: Sendable {
    /// `1`, `0x1F`, `Inf`, `5m`.
    case number(NumberLiteral)
    /// `"text"`.
    case string(StringLiteral)
    /// `metric{label="value"}`.
    case vectorSelector(VectorSelector)
    /// `metric[5m]`.
    case matrixSelector(MatrixSelector)
    /// `expression[5m:1m]`.
    case subquery(Subquery)
    /// `rate(…)`.
    case call(FunctionCall)
    /// `a + b`.
    case binary(BinaryExpression)
    /// `-a`.
    case unary(UnaryExpression)
    /// `sum by (job) (…)`.
    case aggregation(Aggregation)
    /// `(a)`.
    case parentheses(Parentheses)

    /// Where the expression stands in the text.
    public var range: Range<Int> {
        switch self {
        case .number(let node): node.range
        case .string(let node): node.range
        case .vectorSelector(let node): node.range
        case .matrixSelector(let node): node.range
        case .subquery(let node): node.range
        case .call(let node): node.range
        case .binary(let node): node.range
        case .unary(let node): node.range
        case .aggregation(let node): node.range
        case .parentheses(let node): node.range
        }
    }

    /// The type of the value.
    public var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .vectorSelector, .aggregation: .vector
        case .matrixSelector, .subquery: .matrix
        case .call(let node): node.function.returnType
        case .binary(let node): node.left.type == .scalar && node.right.type == .scalar ? .scalar : .vector
        case .unary(let node): node.operand.type
        case .parentheses(let node): node.inner.type
        }
    }

    /// The expression without the parentheses around it.
    public var unwrapped: Expression {
        var current = self
        while case .parentheses(let node) = current {
            current = node.inner
        }
        return current
    }
}

/// The four types of PromQL; the raw value is that of the HTTP API.
public enum ValueType: String, Sendable {
    case scalar, string, vector, matrix

    /// How error messages name the type.
    var longName: String {
        switch self {
        case .scalar: "scalar"
        case .string: "string"
        case .vector: "instant vector"
        case .matrix: "range vector"
        }
    }
}

/// A number, or a duration that stands for its seconds.
public struct NumberLiteral: Sendable {
    /// The number.
    public var value: Double
    /// Whether it was written as a duration.
    public var isDuration: Bool
    /// Where it stands.
    public var range: Range<Int>
}

/// A string.
public struct StringLiteral: Sendable {
    /// The text with all escapes resolved.
    public var value: String
    /// Whether the escapes made valid UTF-8.
    public var isText: Bool
    /// Where it stands.
    public var range: Range<Int>
}

/// `offset` and `@` behind a selector or subquery.
public struct TimeModifier: Sendable, Equatable {
    /// The point in time that `@` names.
    public enum Anchor: Sendable, Equatable {
        /// Milliseconds since 1970.
        case timestamp(Int64)
        /// The start of the query.
        case start
        /// The end of the query.
        case end
    }

    /// What `@` says.
    public var anchor: Anchor?
    /// What `offset` says, in milliseconds; negative looks forward.
    public var offsetMilliseconds: Int64 = 0
    /// The offset as an expression over durations, `nil` where it is a plain number.
    public var offsetExpression: DurationExpression?
    /// Whether there was an `offset` at all.
    var hasOffset = false
}

/// An instant vector selector.
public struct VectorSelector: Sendable {
    /// The metric's name before the brace; empty where there is none.
    public var name: String
    /// All matchers, that of the name included.
    public var matchers: [LabelMatcher]
    /// `offset` and `@`.
    public var time = TimeModifier()
    /// Where it stands.
    public var range: Range<Int>
}

/// A range vector selector.
public struct MatrixSelector: Sendable {
    /// Which series; its time modifiers are those behind the bracket.
    public var selector: VectorSelector
    /// The length of the range in milliseconds.
    public var rangeMilliseconds: Int64
    /// The length as an expression over durations, `nil` where it is plain.
    public var rangeExpression: DurationExpression?
    /// Where it stands.
    public var range: Range<Int>
}

/// An expression evaluated at many points in time.
public struct Subquery: Sendable {
    /// What is evaluated.
    public var expression: Expression
    /// The length of the range in milliseconds.
    public var rangeMilliseconds: Int64
    /// The length as an expression over durations, `nil` where it is plain.
    public var rangeExpression: DurationExpression?
    /// The distance of the points in milliseconds, `nil` for the default.
    public var stepMilliseconds: Int64?
    /// The distance as an expression over durations, `nil` where it is plain.
    public var stepExpression: DurationExpression?
    /// `offset` and `@`.
    public var time = TimeModifier()
    /// Where it stands.
    public var range: Range<Int>
}

/// A function call.
public struct FunctionCall: Sendable {
    /// The function.
    public var function: FunctionSignature
    /// Its arguments.
    public var arguments: [Expression]
    /// Where it stands.
    public var range: Range<Int>
}

/// Which series of two vectors belong together.
public struct VectorMatching: Sendable, Equatable {
    /// How many series of a side may belong to one of the other.
    public enum Cardinality: String, Sendable {
        case oneToOne = "one-to-one"
        case manyToOne = "many-to-one"
        case oneToMany = "one-to-many"
        case manyToMany = "many-to-many"
    }

    /// How many series of a side may belong to one of the other.
    public var cardinality = Cardinality.oneToOne
    /// Whether `labels` are those that count (`on`) or those that do not (`ignoring`).
    public var isOn = false
    /// The labels in parentheses.
    public var labels: [String] = []
    /// The labels of `group_left` or `group_right`.
    public var include: [String] = []
}

/// Two expressions with an operator between them.
public struct BinaryExpression: Sendable {
    /// The operator.
    public var operation: BinaryOperator
    /// The left side.
    public var left: Expression
    /// The right side.
    public var right: Expression
    /// `nil` unless both sides are vectors.
    public var matching: VectorMatching?
    /// Whether a comparison gives 0 and 1 rather than filter.
    public var returnsBool: Bool
    /// Where the operator and its modifiers stand.
    public var operatorRange: Range<Int>
    /// Where it stands.
    public var range: Range<Int>
}

/// An expression with a sign.
public struct UnaryExpression: Sendable {
    /// Whether the sign is minus.
    public var isNegative: Bool
    /// What follows.
    public var operand: Expression
    /// Where it stands.
    public var range: Range<Int>
}

/// An aggregation over the series of a vector.
public struct Aggregation: Sendable {
    /// The operator.
    public var operation: AggregationOperator
    /// What is aggregated.
    public var expression: Expression
    /// The parameter of `topk` and its like.
    public var parameter: Expression?
    /// The labels in parentheses.
    public var grouping: [String]
    /// Whether `grouping` are the labels that go.
    public var isWithout: Bool
    /// Where it stands.
    public var range: Range<Int>
}

/// An expression in parentheses.
public struct Parentheses: Sendable {
    /// What is inside.
    public var inner: Expression
    /// Where it stands, parentheses included.
    public var range: Range<Int>
}
