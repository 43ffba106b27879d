/// Writes numbers as text, in the fewest digits that read back as the same number.
public enum NumberFormat {
    /// The number without an exponent, as the Prometheus HTTP API has it: `1e21` is written out in full.
    public static func decimalText(_ value: Double) -> String {
        guard value.isFinite else { return special(value) }
        let shortest = value.description
        guard let mark = shortest.utf8.firstIndex(of: UInt8(ascii: "e")) else {
            return shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest
        }
        let sign = value < 0 ? "-" : ""
        let mantissa = shortest[..<mark].filter { $0 != "-" }
        let exponent = Int(shortest[shortest.index(after: mark)...]) ?? 0
        let parts = mantissa.split(separator: ".")
        let whole = parts.first.map(String.init) ?? "0"
        let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - whole.count) + whole + fraction
        }
        return sign + whole + fraction + String(repeating: "0", count: max(0, exponent - fraction.count))
    }

    /// The most bytes that any number takes: `-1.2345678901234567e-308` and its like.
    static let maximumByteCount = 32

    /// Writes `value` in the fewest digits that read back as the same number, and returns where it ends.
    ///
    /// Memory for `maximumByteCount` bytes must follow `output`.
    static func write(_ value: Double, to output: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        guard value.isFinite else { return writeText(special(value), to: output) }
        let magnitude = value.magnitude
        if magnitude < 1e15 {
            let whole = magnitude.rounded(.towardZero)
            if whole == magnitude {
                return write(UInt64(whole), isNegative: value < 0, to: output)
            }
            // At most 15 significant digits: such a decimal has exactly one double, so if the division gives the
            // value back, these digits are its shortest form or the same number with zeros, which are dropped.
            let millionths = (magnitude * 1e6).rounded()
            if millionths < 1e15, millionths / 1e6 == magnitude {
                return write(UInt64(millionths), decimals: 6, isNegative: value < 0, to: output)
            }
            let billionths = (magnitude * 1e9).rounded()
            if billionths < 1e15, billionths / 1e9 == magnitude {
                return write(UInt64(billionths), decimals: 9, isNegative: value < 0, to: output)
            }
        }
        return writeText(value.description, to: output)
    }

    private static func special(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value < 0 ? "-Inf" : "+Inf"
    }

    private static func writeText(
        _ text: String,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var end = output
        for byte in text.utf8.prefix(maximumByteCount) {
            end.pointee = byte
            end += 1
        }
        return end
    }

    private static func write(
        _ value: UInt64,
        isNegative: Bool,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var start = output
        if isNegative {
            start.pointee = UInt8(ascii: "-")
            start += 1
        }
        let length = digitCount(value)
        var position = length
        var rest = value
        while rest >= 100 {
            let quotient = rest / 100
            let pair = UInt8(truncatingIfNeeded: rest - quotient * 100)
            position -= 2
            start[position] = UInt8(ascii: "0") + pair / 10
            start[position + 1] = UInt8(ascii: "0") + pair % 10
            rest = quotient
        }
        let last = UInt8(truncatingIfNeeded: rest)
        if last >= 10 {
            start[0] = UInt8(ascii: "0") + last / 10
            start[1] = UInt8(ascii: "0") + last % 10
        } else {
            start[0] = UInt8(ascii: "0") + last
        }
        return start + length
    }

    /// Without a division: this runs once a sample.
    private static func digitCount(_ value: UInt64) -> Int {
        var count = 1
        var power: UInt64 = 10
        // No number here has more than 16 digits, so the power stays far from overflowing.
        while value >= power {
            power &*= 10
            count += 1
        }
        return count
    }

    /// Writes a number of millionths or billionths with at least one digit on either side of the point and no trailing
    /// zeros.
    private static func write(
        _ parts: UInt64,
        decimals: Int,
        isNegative: Bool,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let unit: UInt64 = decimals == 6 ? 1_000_000 : 1_000_000_000
        let point = write(parts / unit, isNegative: isNegative, to: output)
        point.pointee = UInt8(ascii: ".")
        var fraction = parts % unit
        var digits = decimals
        while fraction % 10 == 0, digits > 1 {
            fraction /= 10
            digits -= 1
        }
        for position in stride(from: digits, to: 0, by: -1) {
            point[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction % 10)
            fraction /= 10
        }
        return point + digits + 1
    }
}
