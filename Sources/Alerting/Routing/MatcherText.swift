import Metrics
public import PromQL

/// A condition on a label in the notation of Alertmanager: `severity="critical"`, `team =~ "a|b"`, `zone!=eu`.
///
/// Several stand between braces or after each other, separated by commas: `{a="b", c!="d"}`. The value may stand
/// without quotes.
public enum MatcherText {
    /// Why a text is no matcher.
    public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong and what is expected.
        public let description: String
    }

    /// Reads the matchers of a text.
    /// - Throws: `Mistake` that says what is wrong.
    public static func parse(_ text: String) throws(Mistake) -> [LabelMatcher] {
        var reader = Reader(text)
        return try reader.all()
    }
}

private struct Reader {
    private let text: String
    private var rest: Substring.UTF8View

    init(_ text: String) {
        self.text = text
        rest = Substring(text).utf8
    }

    mutating func all() throws(MatcherText.Mistake) -> [LabelMatcher] {
        skipSpace()
        let isBraced = take("{")
        var matchers: [LabelMatcher] = []
        skipSpace()
        while let next = rest.first, next != UInt8(ascii: "}") {
            matchers.append(try one())
            skipSpace()
            guard take(",") else { break }
            skipSpace()
        }
        if isBraced, !take("}") { throw mistake("a closing `}` is missing") }
        skipSpace()
        if !rest.isEmpty { throw mistake("`\(Substring(rest))` is left over") }
        if matchers.isEmpty { throw mistake("there is no matcher") }
        return matchers
    }

    private mutating func one() throws(MatcherText.Mistake) -> LabelMatcher {
        let name = String(Substring(rest.prefix(while: Labels.isLabelNameByte)))
        guard Labels.isLabelName(name) else { throw mistake("a label name is missing") }
        rest = rest.dropFirst(name.utf8.count)
        skipSpace()
        let operation = try self.operation()
        skipSpace()
        let value = try self.value()
        do {
            return try LabelMatcher(name: name, operation: operation, value: value)
        } catch {
            throw mistake(error.message)
        }
    }

    private mutating func operation() throws(MatcherText.Mistake) -> LabelMatcher.Operation {
        // The longer ones first: `=` starts `=~`.
        let operations: [LabelMatcher.Operation] = [.matches, .notMatches, .notEqual, .equal]
        for operation in operations where take(operation.rawValue) { return operation }
        throw mistake("one of `=`, `!=`, `=~` and `!~` is missing behind the label name")
    }

    private mutating func value() throws(MatcherText.Mistake) -> String {
        guard take("\"") else {
            let plain = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") && $0 > 0x20 }
            rest = rest.dropFirst(plain.count)
            return String(Substring(plain))
        }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { break }
                switch escaped {
                case UInt8(ascii: "n"): bytes.append(0x0A)
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(escaped)
                default: bytes += [byte, escaped]
                }
            default: bytes.append(byte)
            }
        }
        throw mistake("the closing quote is missing")
    }

    private mutating func take(_ token: String) -> Bool {
        guard rest.starts(with: token.utf8) else { return false }
        rest = rest.dropFirst(token.utf8.count)
        return true
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }

    private func mistake(_ problem: String) -> MatcherText.Mistake {
        MatcherText.Mistake(description: "`\(text)` is no matcher: \(problem)")
    }
}

extension [LabelMatcher] {
    /// Whether labels meet all conditions; a label that is not there has the empty value.
    func match(_ labels: Labels) -> Bool {
        allSatisfy { $0.matches(labels[$0.name] ?? "") }
    }
}
