import Metrics
import PromQL

/// Go's `fmt.Sprintf` for the values that templates have.
struct GoPrintf {
    /// Widths and precisions beyond this one are refused, so that a format cannot fill the memory.
    private static let maximumWidth = 10_000

    private struct Flags {
        var plus = false
        var minus = false
        var sharp = false
        var space = false
        var zero = false
        var width: Int?
        var precision: Int?
    }

    private let arguments: [TemplateValue]
    private var nextArgument = 0
    private var isReordered = false
    private var output = ""

    private init(_ arguments: [TemplateValue]) {
        self.arguments = arguments
    }

    /// The format with its verbs replaced by the arguments; mistakes show in the text, as `%!d(string=x)`.
    static func format(_ format: String, _ arguments: [TemplateValue]) -> String {
        var printer = GoPrintf(arguments)
        printer.run(format)
        return printer.output
    }

    private mutating func run(_ format: String) {
        var rest = Substring(format)
        while let percent = rest.firstIndex(of: "%") {
            output += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            rest = directive(rest)
        }
        output += rest
        if !isReordered, nextArgument < arguments.count {
            let extra = arguments[nextArgument...].map { argument -> String in
                if case .none = argument { return "<nil>" }
                return "\(argument.typeName)=\(argument.formatted)"
            }
            output += "%!(EXTRA \(extra.joined(separator: ", ")))"
        }
    }

    /// Reads one directive behind its percent sign and writes what it stands for.
    private mutating func directive(_ text: Substring) -> Substring {
        var rest = text
        var flags = Flags()
        readFlags(&rest, &flags)
        var isBad = !readIndex(&rest)
        if rest.first == "*" {
            rest = rest.dropFirst()
            flags.width = takeInteger(bad: "%!(BADWIDTH)")
            if let width = flags.width, width < 0 { (flags.minus, flags.width) = (true, -width) }
        } else {
            flags.width = readNumber(&rest)
        }
        if rest.first == "." {
            rest = rest.dropFirst()
            isBad = !readIndex(&rest) || isBad
            if rest.first == "*" {
                rest = rest.dropFirst()
                flags.precision = takeInteger(bad: "%!(BADPREC)").flatMap { $0 < 0 ? nil : $0 }
            } else {
                flags.precision = readNumber(&rest) ?? 0
            }
        }
        isBad = !readIndex(&rest) || isBad
        guard let verb = rest.first else {
            output += "%!(NOVERB)"
            return rest
        }
        rest = rest.dropFirst()
        if verb == "%" {
            output += "%"
        } else if isBad {
            output += "%!\(verb)(BADINDEX)"
        } else if nextArgument >= arguments.count {
            output += "%!\(verb)(MISSING)"
        } else {
            nextArgument += 1
            output += formatted(arguments[nextArgument - 1], verb, flags)
        }
        return rest
    }

    private func readFlags(_ rest: inout Substring, _ flags: inout Flags) {
        while let next = rest.first {
            switch next {
            case "+": flags.plus = true
            case "-": flags.minus = true
            case "#": flags.sharp = true
            case " ": flags.space = true
            case "0": flags.zero = true
            default: return
            }
            rest = rest.dropFirst()
        }
    }

    private func readNumber(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return Int(digits).map { min($0, Self.maximumWidth) }
    }

    /// Reads `[n]`; false where it names no argument.
    private mutating func readIndex(_ rest: inout Substring) -> Bool {
        guard rest.first == "[" else { return true }
        isReordered = true
        guard let close = rest.firstIndex(of: "]") else {
            rest = rest.dropFirst()
            return false
        }
        let index = Int(rest[rest.index(after: rest.startIndex)..<close])
        rest = rest[rest.index(after: close)...]
        guard let index, index >= 1, index <= arguments.count else { return false }
        nextArgument = index - 1
        return true
    }

    private mutating func takeInteger(bad: String) -> Int? {
        guard nextArgument < arguments.count, case .integer(let value) = arguments[nextArgument],
            value.magnitude <= UInt64(Self.maximumWidth)
        else {
            output += bad
            nextArgument += nextArgument < arguments.count ? 1 : 0
            return nil
        }
        nextArgument += 1
        return Int(value)
    }

    private func formatted(_ value: TemplateValue, _ verb: Character, _ flags: Flags) -> String {
        if verb == "T" { return pad(value.typeName, flags) }
        switch value {
        case .bool(let value) where verb == "t" || verb == "v": return pad(String(value), flags)
        case .integer(let value): return integer(value, verb, flags)
        case .float(let value): return float(value, verb, flags)
        case .string(let text): return string(text, verb, flags)
        case .time, .duration: return string(value.formatted, verb, flags)
        case .labels(let labels):
            let pairs = labels.pairs.map {
                string($0.name, verb, flags) + ":" + string($0.value, verb, flags)
            }
            return "map[" + pairs.joined(separator: " ") + "]"
        case .map, .vector, .sample, .data:
            return verb == "v" || verb == "s" ? pad(value.formatted, flags) : bad(value, verb)
        case .none where verb == "v": return pad("<nil>", flags)
        default: return bad(value, verb)
        }
    }

    private func bad(_ value: TemplateValue, _ verb: Character) -> String {
        if case .none = value { return "%!\(verb)(<nil>)" }
        return "%!\(verb)(\(value.typeName)=\(value.formatted))"
    }

    private func pad(_ text: String, _ flags: Flags, zeros: Bool = false) -> String {
        guard let width = flags.width, text.unicodeScalars.count < width else { return text }
        let missing = width - text.unicodeScalars.count
        if flags.minus { return text + String(repeating: " ", count: missing) }
        guard zeros, flags.zero else { return String(repeating: " ", count: missing) + text }
        let sign = text.prefix { "+- ".contains($0) }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }

    private func string(_ text: String, _ verb: Character, _ flags: Flags) -> String {
        var cut = text
        if let precision = flags.precision {
            cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
        }
        switch verb {
        case "v" where flags.sharp: return pad(Quoting.quoted(cut), flags)
        case "v", "s": return pad(cut, flags, zeros: true)
        case "q": return pad(flags.sharp && !cut.contains("`") ? "`\(cut)`" : Quoting.quoted(cut), flags)
        case "x", "X":
            let bytes = text.utf8.prefix(flags.precision ?? Int.max).map { byte -> String in
                let digits = String(byte, radix: 16, uppercase: verb == "X")
                return byte < 16 ? "0" + digits : digits
            }
            let lead = flags.sharp ? "0\(verb)" : ""
            return pad(flags.space ? bytes.map { lead + $0 }.joined(separator: " ") : lead + bytes.joined(), flags)
        default: return bad(.string(text), verb)
        }
    }

    private func integer(_ value: Int64, _ verb: Character, _ flags: Flags) -> String {
        let radix: (base: Int, prefix: String)
        switch verb {
        case "v", "d": radix = (10, "")
        case "b": radix = (2, flags.sharp ? "0b" : "")
        case "o": radix = (8, flags.sharp ? "0" : "")
        case "O": radix = (8, "0o")
        case "x": radix = (16, flags.sharp ? "0x" : "")
        case "X": radix = (16, flags.sharp ? "0X" : "")
        case "c", "q":
            let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
            return pad(verb == "c" ? String(Character(scalar)) : Quoting.quoted(String(scalar), with: "'"), flags)
        case "U":
            let digits = String(value, radix: 16, uppercase: true)
            return pad("U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits, flags)
        default: return bad(.integer(value), verb)
        }
        var digits = String(value.magnitude, radix: radix.base, uppercase: verb == "X")
        if let precision = flags.precision {
            if precision == 0, value == 0 { digits = "" }
            digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits
        }
        let sign = value < 0 ? "-" : flags.plus ? "+" : flags.space ? " " : ""
        return pad(sign + radix.prefix + digits, flags, zeros: flags.precision == nil)
    }

    private func float(_ value: Double, _ verb: Character, _ flags: Flags) -> String {
        var text: String
        switch verb {
        case "v": text = GoFloat.format(value, verb: "g", precision: flags.precision)
        case "e", "E", "f", "F":
            text = GoFloat.format(value, verb: verb, precision: flags.precision ?? GoFloat.defaultPrecision)
        case "g", "G": text = GoFloat.format(value, verb: verb, precision: flags.precision)
        default: return bad(.float(value), verb)
        }
        if value.isNaN || text.hasPrefix("+") { text.trimPrefix("+") }
        if !text.hasPrefix("-") {
            // An infinity shows its sign always, other numbers where asked.
            text = (flags.plus || (value.isInfinite && !flags.space) ? "+" : flags.space ? " " : "") + text
        }
        return pad(text, flags, zeros: value.isFinite)
    }
}

extension String {
    fileprivate mutating func trimPrefix(_ prefix: String) {
        if hasPrefix(prefix) { removeFirst(prefix.count) }
    }
}
