/// Texts as Go writes them, for answers that are to be those of Prometheus to the letter.
enum GoText {
    /// The shortest text with an exponent: Go's `FormatFloat(value, 'e', -1, 64)`.
    static func exponential(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        guard value != 0 else { return value.sign == .minus ? "-0e+00" : "0e+00" }
        // The description is `12.5`, `1e-07` or `1.25e+22`: its digits, and the place of the point among them.
        let parts = value.magnitude.description.split(separator: "e")
        let written = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = (parts.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves.first ?? ""
        let all = Array((whole + (halves.count > 1 ? halves[1] : "")).utf8)
        let zero = UInt8(ascii: "0")
        let leading = all.prefix { $0 == zero }.count
        let lastDigit = all.lastIndex { $0 != zero } ?? leading
        let digits = String(decoding: all[leading...lastDigit], as: UTF8.self)
        let exponent = written + whole.utf8.count - 1 - leading
        let fraction = digits.dropFirst()
        let padding = exponent.magnitude < 10 ? "0" : ""
        return (value < 0 ? "-" : "") + digits.prefix(1) + (fraction.isEmpty ? "" : ".") + fraction
            + "e" + (exponent < 0 ? "-" : "+") + padding + String(exponent.magnitude)
    }
}
