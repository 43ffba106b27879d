import Glibc

/// Functions of one number.
enum MathFunctions {
    static let table: [FunctionSignature] =
        plain.map { FunctionSignature($0.0, [.vector], .element($0.1)) } + [
            FunctionSignature("clamp", [.vector, .scalar, .scalar], .element(.clamp)),
            FunctionSignature("clamp_max", [.vector, .scalar], .element(.clampMaximum)),
            FunctionSignature("clamp_min", [.vector, .scalar], .element(.clampMinimum)),
            FunctionSignature("round", [.vector, .scalar], optional: 1, .element(.round)),
            FunctionSignature("pi", [], returns: .scalar, .special(.pi)),
        ]

    private static let plain: [(String, ElementFunction)] = [
        ("abs", .absolute), ("acos", .acos), ("acosh", .acosh), ("asin", .asin), ("asinh", .asinh), ("atan", .atan),
        ("atanh", .atanh), ("ceil", .ceil), ("cos", .cos), ("cosh", .cosh), ("deg", .degrees), ("exp", .exp),
        ("floor", .floor), ("ln", .ln), ("log10", .log10), ("log2", .log2), ("rad", .radians), ("sgn", .sign),
        ("sin", .sin), ("sinh", .sinh), ("sqrt", .squareRoot), ("tan", .tan), ("tanh", .tanh),
    ]
}

enum ElementFunction: Sendable {
    case absolute, acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, degrees, exp, floor, ln, log10, log2
    case radians, sign, sin, sinh, squareRoot, tan, tanh
    case clamp, clampMaximum, clampMinimum, round

    /// Replaces each value that is there; `parameters` are the further arguments, one value a step each.
    func apply(to values: UnsafeMutableBufferPointer<Double>, _ parameters: [[Double]]) {
        switch self {
        case .absolute: values.mapPresent { $0.magnitude }
        case .acos: values.mapPresent { Glibc.acos($0) }
        case .acosh: values.mapPresent { Glibc.acosh($0) }
        case .asin: values.mapPresent { Glibc.asin($0) }
        case .asinh: values.mapPresent { Glibc.asinh($0) }
        case .atan: values.mapPresent { Glibc.atan($0) }
        case .atanh: values.mapPresent { Glibc.atanh($0) }
        case .ceil: values.mapPresent { $0.rounded(.up) }
        case .cos: values.mapPresent { Glibc.cos($0) }
        case .cosh: values.mapPresent { Glibc.cosh($0) }
        case .degrees: values.mapPresent { $0 * 180 / .pi }
        case .exp: values.mapPresent { Glibc.exp($0) }
        case .floor: values.mapPresent { $0.rounded(.down) }
        case .ln: values.mapPresent { Glibc.log($0) }
        case .log10: values.mapPresent { Self.logarithm2($0) * (Self.ln2 / Self.ln10) }
        case .log2: values.mapPresent { Self.logarithm2($0) }
        case .radians: values.mapPresent { $0 * .pi / 180 }
        case .sign: values.mapPresent { $0 < 0 ? -1 : ($0 > 0 ? 1 : $0) }
        case .sin: values.mapPresent { Glibc.sin($0) }
        case .sinh: values.mapPresent { Glibc.sinh($0) }
        case .squareRoot: values.mapPresent { $0.squareRoot() }
        case .tan: values.mapPresent { Glibc.tan($0) }
        case .tanh: values.mapPresent { Glibc.tanh($0) }
        case .clamp, .clampMaximum, .clampMinimum, .round: applyWithParameters(to: values, parameters)
        }
    }

    private func applyWithParameters(to values: UnsafeMutableBufferPointer<Double>, _ parameters: [[Double]]) {
        for index in values.indices where !values[index].isAbsent {
            let value = values[index]
            switch self {
            case .clampMaximum: values[index] = Self.smaller(parameters[0][index], value)
            case .clampMinimum: values[index] = Self.larger(parameters[0][index], value)
            case .clamp:
                let low = parameters[0][index]
                let high = parameters[1][index]
                values[index] = high < low ? .absent : Self.larger(low, Self.smaller(high, value))
            default:
                // Multiplying by the inverse gives the rounding errors of Prometheus, dividing would not.
                let inverse = 1 / (parameters.first?[index] ?? 1)
                values[index] = (value * inverse + 0.5).rounded(.down) / inverse
            }
        }
    }

    private static let ln2 = 0.693147180559945309417232121458176568
    private static let ln10 = 2.30258509299404568401799145468436421

    /// With the roundings of Go's `math.Log2`, which differ from those of the C library.
    private static func logarithm2(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return Glibc.log2(value) }
        let (fraction, exponent) = Glibc.frexp(value)
        if fraction == 0.5 { return Double(exponent - 1) }
        return Glibc.log(fraction) * (1 / ln2) + Double(exponent)
    }

    /// Unlike `min`, NaN wins unless the other is minus infinity, as in Go.
    private static func smaller(_ left: Double, _ right: Double) -> Double {
        if left == -.infinity || right == -.infinity { return -.infinity }
        if left.isNaN || right.isNaN { return .nan }
        return Swift.min(left, right)
    }

    private static func larger(_ left: Double, _ right: Double) -> Double {
        if left == .infinity || right == .infinity { return .infinity }
        if left.isNaN || right.isNaN { return .nan }
        return Swift.max(left, right)
    }
}

extension UnsafeMutableBufferPointer<Double> {
    @inline(__always)
    func mapPresent(_ transform: (Double) -> Double) {
        for index in indices where !self[index].isAbsent {
            self[index] = transform(self[index])
        }
    }
}
