import CRE2

/// A regular expression of RE2 that must match a whole text, as in a label matcher.
///
/// Patterns that are literals, or literals with `.*` before or behind, or a choice of literals, never reach the
/// automaton.
public final class RegularExpression: Sendable {
    /// What a pattern amounts to.
    enum Shortcut: Sendable, Equatable {
        case none
        case anything
        case nonEmpty
        case literals([[UInt8]])
        /// Starts and ends with these and has at least `extra` bytes between.
        case edges(prefix: [UInt8], suffix: [UInt8], extra: Int)
        case contains([UInt8])
    }

    /// The memory RE2 may use for one expression: that of its own default.
    private static let maximumMemory: Int64 = 8 << 20

    /// The pattern as it was written.
    public let pattern: String
    let shortcut: Shortcut
    private let compiled: CompiledExpression

    /// Compiles a pattern, which has to match from start to end; a dot matches a newline too.
    ///
    /// Throws `QueryError.badData` with the reason of RE2.
    public init(_ pattern: String) throws(QueryError) {
        self.pattern = pattern
        compiled = try CompiledExpression(pattern, maximumMemory: Self.maximumMemory)
        shortcut = Self.shortcut(of: Array(pattern.utf8))
    }

    /// Whether the whole text matches.
    public func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch shortcut {
        case .anything: true
        case .nonEmpty: !text.isEmpty
        case .literals(let literals): literals.contains { text.elementsEqual($0) }
        case .edges(let prefix, let suffix, let extra):
            text.count >= prefix.count + suffix.count + extra && text.starts(with: prefix)
                && text.suffix(suffix.count).elementsEqual(suffix)
        case .contains(let needle): Self.contains(text, needle)
        case .none: compiled.matches(text)
        }
    }

    /// Whether the whole text matches.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    /// The template with `$1`, `${name}` and `$$` replaced by what the groups matched; `nil` where the text does not
    /// match.
    ///
    /// A text longer than `limit` bytes is cut, somewhere behind them.
    public func expand(_ template: String, matching text: String, limit: Int = .max) -> String? {
        var text = text
        return text.withUTF8 { bytes in
            let source = UnsafeRawBufferPointer(bytes)
            guard let groups = compiled.groups(in: source) else { return nil }
            var output: [UInt8] = []
            TemplateExpander(template: Array(template.utf8)).expand(into: &output, limit: limit) { name in
                guard let index = compiled.groupIndex(name), index < groups.count, let range = groups[index] else {
                    return nil
                }
                return UnsafeRawBufferPointer(rebasing: source[range])
            }
            return String(decoding: output, as: UTF8.self)
        }
    }

    private static func contains(_ text: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard text.count >= needle.count else { return false }
        for start in 0...(text.count - needle.count) where text[start...].starts(with: needle) {
            return true
        }
        return false
    }
}

extension RegularExpression {
    /// Recognises the simple forms; anything else is `none`.
    static func shortcut(of pattern: [UInt8]) -> Shortcut {
        if let literals = alternatives(of: pattern) { return .literals(literals) }
        var body = pattern[...]
        let leading = takeWildcard(&body, atStart: true)
        let trailing = takeWildcard(&body, atStart: false)
        if body.isEmpty {
            switch (leading, trailing) {
            case (nil, nil): return .literals([[]])
            case (let only?, nil), (nil, let only?): return only == 0 ? .anything : .nonEmpty
            default: return .none
            }
        }
        guard body.allSatisfy({ !isMeta($0) }) else { return inner(of: pattern) }
        switch (leading, trailing) {
        case (let extra?, nil): return .edges(prefix: [], suffix: Array(body), extra: extra)
        case (nil, let extra?): return .edges(prefix: Array(body), suffix: [], extra: extra)
        case (0, 0): return .contains(Array(body))
        default: return .none
        }
    }

    /// `prefix.*suffix` and `prefix.+suffix`.
    private static func inner(of pattern: [UInt8]) -> Shortcut {
        guard let dot = pattern.firstIndex(of: UInt8(ascii: ".")), dot + 1 < pattern.count else { return .none }
        let quantifier = pattern[dot + 1]
        guard quantifier == UInt8(ascii: "*") || quantifier == UInt8(ascii: "+") else { return .none }
        let prefix = pattern[..<dot]
        let suffix = pattern[(dot + 2)...]
        guard prefix.allSatisfy({ !isMeta($0) }), suffix.allSatisfy({ !isMeta($0) }) else { return .none }
        // A dot is one character: with bytes beyond ASCII one byte more could be half of one.
        return .edges(
            prefix: Array(prefix),
            suffix: Array(suffix),
            extra: quantifier == UInt8(ascii: "+") ? 1 : 0
        )
    }

    /// The bytes that `.*` or `.+` asks for at least, `nil` where there is none.
    private static func takeWildcard(_ body: inout ArraySlice<UInt8>, atStart: Bool) -> Int? {
        let piece = atStart ? body.prefix(2) : body.suffix(2)
        guard piece.count == 2, piece.first == UInt8(ascii: "."), let quantifier = piece.last else { return nil }
        guard quantifier == UInt8(ascii: "*") || quantifier == UInt8(ascii: "+") else { return nil }
        if atStart {
            // `.*?` and `.**` are other things.
            if let next = body.dropFirst(2).first, next == UInt8(ascii: "?") || next == UInt8(ascii: "*") { return nil }
            body = body.dropFirst(2)
        } else {
            if body.dropLast(2).last == UInt8(ascii: "\\") { return nil }
            body = body.dropLast(2)
        }
        return quantifier == UInt8(ascii: "*") ? 0 : 1
    }

    /// `a|b|c` or `(a|b|c)` of plain literals.
    private static func alternatives(of pattern: [UInt8]) -> [[UInt8]]? {
        var body = pattern[...]
        if body.count >= 2, body.first == UInt8(ascii: "("), body.last == UInt8(ascii: ")") {
            body = body.dropFirst().dropLast()
        }
        var result: [[UInt8]] = []
        for part in body.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false) {
            guard part.allSatisfy({ !isMeta($0) }) else { return nil }
            result.append(Array(part))
        }
        return result
    }

    private static func isMeta(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "|"), UInt8(ascii: "\\"):
            true
        default: false
        }
    }
}

/// The owner of a compiled expression.
///
/// Sendable without the compiler's proof: the pointer is set once, freed once in `deinit`, and RE2 allows any number
/// of threads to match with one expression at once (re2.h, "This is a thread-safe object").
private final class CompiledExpression: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pattern: String, maximumMemory: Int64) throws(QueryError) {
        var pattern = pattern
        var reason = ""
        let compiled = pattern.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { error in
                    let pointer = cre2_compile(
                        characters.baseAddress,
                        characters.count,
                        maximumMemory,
                        error.baseAddress,
                        error.count
                    )
                    if pointer == nil {
                        let bytes = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                        reason = String(decoding: bytes, as: UTF8.self)
                    }
                    return pointer
                }
            }
        }
        guard let compiled else { throw .badData("error parsing regexp: \(reason)") }
        pointer = compiled
    }

    deinit {
        cre2_free(pointer)
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        // An empty buffer may have no address, which RE2 would take for a group that did not match.
        guard let address = text.baseAddress else { return cre2_full_match(pointer, "", 0) != 0 }
        return cre2_full_match(pointer, address.assumingMemoryBound(to: CChar.self), text.count) != 0
    }

    func groupIndex(_ name: ArraySlice<UInt8>) -> Int? {
        if let index = Int(String(decoding: name, as: UTF8.self)) { return index }
        return name.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return nil }
            let index = cre2_group_index(pointer, address.assumingMemoryBound(to: CChar.self), bytes.count)
            return index < 0 ? nil : Int(index)
        }
    }

    /// The ranges of the whole match and of each group, `nil` where the text does not match.
    func groups(in text: UnsafeRawBufferPointer) -> [Range<Int>?]? {
        let count = Int(cre2_group_count(pointer)) + 1
        var offsets = [Int64](repeating: -1, count: count * 2)
        let isMatch: Bool
        if let address = text.baseAddress {
            let characters = address.assumingMemoryBound(to: CChar.self)
            isMatch = cre2_match_groups(pointer, characters, text.count, &offsets, Int32(count)) != 0
        } else {
            isMatch = cre2_match_groups(pointer, "", 0, &offsets, Int32(count)) != 0
        }
        guard isMatch else { return nil }
        return (0..<count).map { index in
            let start = Int(offsets[index * 2])
            return start < 0 ? nil : start..<Int(offsets[index * 2 + 1])
        }
    }
}

/// Replaces `$name` and `${name}` as Go's `Regexp.Expand` does.
private struct TemplateExpander {
    let template: [UInt8]

    func expand(
        into output: inout [UInt8],
        limit: Int,
        group: (ArraySlice<UInt8>) -> UnsafeRawBufferPointer?
    ) {
        var index = 0
        while index < template.count, output.count <= limit {
            guard template[index] == UInt8(ascii: "$"), index + 1 < template.count else {
                output.append(template[index])
                index += 1
                continue
            }
            if template[index + 1] == UInt8(ascii: "$") {
                output.append(UInt8(ascii: "$"))
                index += 2
                continue
            }
            guard let (name, end) = name(after: index + 1) else {
                output.append(template[index])
                index += 1
                continue
            }
            if let bytes = group(name) { output.append(contentsOf: bytes) }
            index = end
        }
    }

    private func name(after start: Int) -> (ArraySlice<UInt8>, Int)? {
        let isBraced = template[start] == UInt8(ascii: "{")
        let first = isBraced ? start + 1 : start
        let name = template[first...].prefix { $0.isNameByte }
        guard !name.isEmpty else { return nil }
        if !isBraced { return (name, name.endIndex) }
        guard name.endIndex < template.count, template[name.endIndex] == UInt8(ascii: "}") else { return nil }
        return (name, name.endIndex + 1)
    }
}
