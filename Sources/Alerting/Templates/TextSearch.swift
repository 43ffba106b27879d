import PromQL

/// Finds and replaces anywhere in a text with expressions that match whole texts.
///
/// The expression is put between two parts that take what stands before and behind. A dot matches no newline, as in
/// Go's regexp; anchors and word boundaries see the text as a whole.
enum TextSearch {
    /// Bytes that one replacement may look at: every match looks at the rest of the text anew.
    private static let maximumWork = 32 << 20

    /// Whether the pattern matches somewhere.
    static func isFound(_ pattern: String, in text: String) throws(FunctionFailure) -> Bool {
        try compiled("(?s:.*?)\(inner(pattern))(?s:.*)", pattern).matches(text)
    }

    /// The text with every match replaced; `$1`, `${1}` and `${name}` stand for groups.
    static func replacing(
        _ pattern: String,
        by replacement: String,
        in text: String
    ) throws(FunctionFailure) -> String {
        let parts = "(?P<redstart_before>(?s:.*?))(?P<redstart_match>\(inner(pattern)))(?P<redstart_after>(?s:.*))"
        let atStart = try compiled(parts, pattern)
        // Later rounds see the character before the rest, so that `^` and `\b` know that it is there.
        let later = try compiled("(?s:.)" + parts, pattern)
        let template = shifted(replacement)
        var result = ""
        var rest = text
        var context: Unicode.Scalar?
        var followsMatch = false
        var work = 0
        while true {
            work += rest.utf8.count + 1
            guard work <= maximumWork else { throw FunctionFailure("too many matches in a text of this length") }
            let subject = context.map { String(Character($0)) + rest } ?? rest
            let expression = context == nil ? atStart : later
            guard let before = expression.expand("${redstart_before}", matching: subject),
                let match = expression.expand("${redstart_match}", matching: subject),
                let after = expression.expand("${redstart_after}", matching: subject)
            else { return result + rest }
            result += before
            // An empty match right behind the last one is none.
            if !match.isEmpty || !before.isEmpty || !followsMatch {
                result += expression.expand(template, matching: subject) ?? ""
            }
            context = (before + match).unicodeScalars.last ?? context
            rest = after
            followsMatch = !match.isEmpty
            if match.isEmpty {
                guard let skipped = rest.unicodeScalars.first else { return result }
                result.unicodeScalars.append(skipped)
                rest = String(rest.unicodeScalars.dropFirst())
                context = skipped
            }
        }
    }

    private static func inner(_ pattern: String) -> String {
        "(?-s:\(pattern))"
    }

    private static func compiled(_ wrapped: String, _ pattern: String) throws(FunctionFailure) -> RegularExpression {
        do {
            // The pattern alone first: it must not close a parenthesis that it did not open.
            _ = try RegularExpression(pattern)
            return try RegularExpression(wrapped)
        } catch {
            throw FunctionFailure(error.message)
        }
    }

    /// The replacement with its group numbers moved behind the two groups that were put around the pattern.
    private static func shifted(_ replacement: String) -> String {
        var result = ""
        var rest = Substring(replacement)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$$"
                rest = rest.dropFirst()
                continue
            }
            let isBraced = rest.first == "{"
            let body = isBraced ? rest.dropFirst() : rest
            let name = body.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
            guard let number = Int(name), !isBraced || body.dropFirst(name.count).first == "}" else {
                result += "$"
                continue
            }
            result += number == 0 ? "${redstart_match}" : "${\(number &+ 2)}"
            rest = body.dropFirst(name.count + (isBraced ? 1 : 0))
        }
        return result + rest
    }
}
