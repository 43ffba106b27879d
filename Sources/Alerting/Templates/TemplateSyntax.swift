import PromQL

/// One piece of a template's body.
struct TemplateNode: Sendable {
    indirect enum Kind: Sendable {
        case text(String)
        case action(TemplatePipe)
        case branch(BranchKeyword, TemplatePipe, body: [TemplateNode], otherwise: [TemplateNode])
        case call(name: String, TemplatePipe?)
        case breakLoop
        case continueLoop
    }

    enum BranchKeyword: String, Sendable {
        case `if`
        case range
        case with
    }

    let kind: Kind
    /// The offset of the byte at which errors of this node are placed.
    let position: Int
}

/// `$x := a b | c`: declared variables and the commands whose result flows from one to the next.
struct TemplatePipe: Sendable, CustomStringConvertible {
    var declared: [String] = []
    /// Whether the variables existed before: `=` and not `:=`.
    var isAssignment = false
    var commands: [TemplateCommand] = []
    let position: Int

    var description: String {
        let text = commands.map(\.description).joined(separator: " | ")
        guard !declared.isEmpty else { return text }
        return declared.joined(separator: ", ") + (isAssignment ? " = " : " := ") + text
    }
}

/// `name a b`: a function and its arguments, or a single value.
struct TemplateCommand: Sendable, CustomStringConvertible {
    var operands: [TemplateOperand] = []
    let position: Int

    var description: String {
        operands.map(\.nested).joined(separator: " ")
    }
}

/// One word of a command.
struct TemplateOperand: Sendable, CustomStringConvertible {
    indirect enum Kind: Sendable {
        case identifier(String)
        case dot
        case null
        case field([String])
        case variable(String, [String])
        case bool(Bool)
        case number(TemplateNumber)
        /// The text between the quotes and how it was written.
        case string(String, written: String)
        case pipe(TemplatePipe)
        case chain(TemplateOperand, [String])
    }

    let kind: Kind
    let position: Int

    /// The operand as Go prints it in error messages.
    var description: String {
        switch kind {
        case .identifier(let name): return name
        case .dot: return "."
        case .null: return "nil"
        case .field(let path): return path.map { "." + $0 }.joined()
        case .variable(let name, let path): return name + path.map { "." + $0 }.joined()
        case .bool(let value): return String(value)
        case .number(let number): return number.text
        case .string(_, let written): return written
        case .pipe(let pipe): return pipe.description
        case .chain(let base, let path): return base.nested + path.map { "." + $0 }.joined()
        }
    }

    /// The same with parentheses where it is a pipeline.
    var nested: String {
        if case .pipe = kind { return "(\(description))" }
        return description
    }
}

/// A number constant: Go's notation, untyped until it is used.
struct TemplateNumber: Sendable {
    let text: String
    /// The value where it is a whole number of 64 bits.
    let integer: Int64?
    let float: Double
    /// Whether it is a float where nothing says otherwise.
    let isFloat: Bool

    /// Reads a number or a character constant (`'a'`); `nil` where it is neither.
    init?(_ text: String) {
        self.text = text
        if text.utf8.first == UInt8(ascii: "'") {
            guard let inner = Quoting.unquoted(text)?.unicodeScalars, let scalar = inner.first, inner.count == 1
            else { return nil }
            integer = Int64(scalar.value)
            float = Double(scalar.value)
            isFloat = false
            return
        }
        if let value = Self.wholeNumber(text) {
            integer = value
            float = Double(value)
            isFloat = false
            return
        }
        guard text.utf8.contains(where: { ".eEpP".utf8.contains($0) }),
            let value = Double(text.filter { $0 != "_" }), value.isFinite
        else { return nil }
        integer = Int64(exactly: value)
        float = value
        isFloat = true
    }

    /// A Go integer: decimal, `0x`, `0o`, `0b`, a leading zero for octal, underscores between digits.
    static func wholeNumber(_ text: String) -> Int64? {
        var digits = Substring(text.filter { $0 != "_" })
        guard digits.count == text.count || !text.hasPrefix("_") else { return nil }
        var sign = ""
        if let first = digits.first, first == "-" || first == "+" {
            sign = String(first)
            digits.removeFirst()
        }
        var radix = 10
        for (prefix, base) in [("0x", 16), ("0X", 16), ("0b", 2), ("0B", 2), ("0o", 8), ("0O", 8)]
        where digits.hasPrefix(prefix) {
            radix = base
            digits = digits.dropFirst(2)
        }
        if radix == 10, digits.count > 1, digits.first == "0" {
            radix = 8
        }
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return Int64(sign + digits, radix: radix)
    }
}
