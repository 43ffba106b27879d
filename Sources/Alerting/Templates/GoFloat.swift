import Glibc

/// Writes numbers as Go's strconv and fmt do.
enum GoFloat {
    /// `%v` of a float: the shortest digits that give the value back, with an exponent from 10⁶ on and below 10⁻⁴.
    ///
    /// (`strconv/ftoa.go`: where the digits are the shortest ones, six stands for the precision.)
    static func shortest(_ value: Double) -> String {
        general(value)
    }

    /// Digits after the point for verbs without a precision, as in `%f`.
    static let defaultPrecision = 6

    /// One of the verbs `e E f F g G` with a precision; `nil` for the shortest digits that give the value back.
    static func format(_ value: Double, verb: Character, precision: Int?) -> String {
        if !value.isFinite { return special(value) }
        let isUppercase = verb == "E" || verb == "G"
        guard let precision else {
            let text: String
            switch verb {
            case "e", "E": text = exponential(digitsOf: value)
            case "f", "F": text = positional(digitsOf: value)
            default: text = general(value)
            }
            return isUppercase ? text.uppercased() : text
        }
        let letter = verb == "F" ? "f" : String(verb)
        return printed("%.\(min(precision, 400))\(letter)", value)
    }

    /// `%.4g`, the precision of Prometheus' humanize functions.
    static func fourDigits(_ value: Double) -> String {
        format(value, verb: "g", precision: 4)
    }

    private static func special(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value < 0 ? "-Inf" : "+Inf"
    }

    /// Formats by the C library, whose digits and layout are those of Go for finite values and a given precision.
    private static func printed(_ format: String, _ value: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 800)
        let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
        let bytes = buffer.prefix(max(0, min(Int(count), buffer.count - 1))).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct Digits {
        /// `"-"` or empty.
        let sign: String
        /// The significant digits without zeros at either end; `[0]` for zero.
        let digits: [UInt8]
        /// The power of ten of the first digit.
        let exponent: Int
    }

    /// The shortest digits of a finite value, taken from the description, which has the same ones.
    private static func digits(of value: Double) -> Digits {
        let sign = value.sign == .minus ? "-" : ""
        let text = value.magnitude.description.utf8
        var mantissa: [UInt8] = []
        var pointAt: Int?
        var exponent = 0
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            if byte == UInt8(ascii: ".") {
                pointAt = mantissa.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[index...], as: UTF8.self)) ?? 0
                break
            } else {
                mantissa.append(byte)
            }
        }
        let leading = mantissa.prefix { $0 == UInt8(ascii: "0") }.count
        exponent += (pointAt ?? mantissa.count) - leading - 1
        var significant = Array(mantissa.dropFirst(leading))
        while significant.last == UInt8(ascii: "0") { significant.removeLast() }
        if significant.isEmpty { return Digits(sign: sign, digits: [UInt8(ascii: "0")], exponent: 0) }
        return Digits(sign: sign, digits: significant, exponent: exponent)
    }

    private static func general(_ value: Double) -> String {
        if !value.isFinite { return special(value) }
        let exponent = digits(of: value).exponent
        return exponent < -4 || exponent >= 6 ? exponential(digitsOf: value) : positional(digitsOf: value)
    }

    private static func exponential(digitsOf value: Double) -> String {
        let parts = digits(of: value)
        var text = parts.sign + String(decoding: parts.digits.prefix(1), as: UTF8.self)
        if parts.digits.count > 1 {
            text += "." + String(decoding: parts.digits.dropFirst(), as: UTF8.self)
        }
        let magnitude = String(parts.exponent.magnitude)
        return text + "e" + (parts.exponent < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "") + magnitude
    }

    private static func positional(digitsOf value: Double) -> String {
        let parts = digits(of: value)
        let digits = String(decoding: parts.digits, as: UTF8.self)
        if parts.exponent < 0 {
            return parts.sign + "0." + String(repeating: "0", count: -parts.exponent - 1) + digits
        }
        if parts.exponent >= parts.digits.count - 1 {
            return parts.sign + digits + String(repeating: "0", count: parts.exponent - parts.digits.count + 1)
        }
        let whole = digits.utf8.prefix(parts.exponent + 1)
        let rest = digits.utf8.dropFirst(parts.exponent + 1)
        return parts.sign + String(decoding: whole, as: UTF8.self) + "." + String(decoding: rest, as: UTF8.self)
    }
}
