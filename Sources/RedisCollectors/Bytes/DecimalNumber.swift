/// Numbers as Redis writes them.
extension Span where Element == UInt8 {
    /// The integer that a range holds, `nil` if it holds anything else or the number does not fit.
    func integer(in range: Range<Int>) -> Int64? {
        var position = range.lowerBound
        var isNegative = false
        if position < range.upperBound, self[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        guard position < range.upperBound else { return nil }
        var magnitude: UInt64 = 0
        while position < range.upperBound {
            let digit = self[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (product, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
            guard !overflowed, !carried else { return nil }
            magnitude = sum
            position += 1
        }
        if isNegative {
            return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
        }
        return Int64(exactly: magnitude)
    }

    /// The number that a range holds, `nil` if it holds anything else; never infinite, never NaN.
    ///
    /// Up to 15 digits the result is one exact division; the rest goes the long way.
    func decimal(in range: Range<Int>) -> Double? {
        var position = range.lowerBound
        let end = range.upperBound
        var isNegative = false
        if position < end, self[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        var mantissa: UInt64 = 0
        let firstDigit = position
        while position < end {
            let digit = self[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            position += 1
        }
        var digits = position - firstDigit
        guard digits > 0, digits <= 18 else { return slowDecimal(in: range) }
        var scale = 1.0
        if position < end {
            guard self[position] == UInt8(ascii: ".") else { return slowDecimal(in: range) }
            position += 1
            let fractionStart = position
            while position < end, digits <= 15 {
                let digit = self[position] &- UInt8(ascii: "0")
                guard digit <= 9 else { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                scale *= 10
                digits += 1
                position += 1
            }
            // 2⁵³ has 16 digits: with 15 both the mantissa and the power of ten are exact.
            guard position == end, position > fractionStart, digits <= 15 else { return slowDecimal(in: range) }
        }
        let magnitude = Double(mantissa) / scale
        return isNegative ? -magnitude : magnitude
    }

    private func slowDecimal(in range: Range<Int>) -> Double? {
        guard !range.isEmpty, range.count <= 64 else { return nil }
        for position in range {
            switch self[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                continue
            default:
                return nil
            }
        }
        guard let value = Double(text(in: range)), value.isFinite else { return nil }
        return value
    }
}
