import Testing
import YAML

@Suite("YAML texts")
struct YAMLDocumentTests {
    private func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws -> YAMLNode? {
        try YAMLDocument.parse(Array(text.utf8), file: "a.yml", limits: limits)
    }

    private func message(_ text: String, limits: YAMLLimits = YAMLLimits()) -> String {
        do {
            _ = try YAMLDocument.parse(Array(text.utf8), file: "a.yml", limits: limits)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test("A scalar keeps its text and tells whether it was quoted")
    func scalars() throws {
        let items = try #require(try parse("[5m, \"5m\", 007, ~, !!str 5]")).items()
        let scalars = items.map { node -> YAMLNode.Scalar? in
            guard case .scalar(let scalar) = node.content else { return nil }
            return scalar
        }
        #expect(scalars.map { $0?.text } == ["5m", "5m", "007", "~", "5"])
        #expect(scalars.map { $0?.isPlain } == [true, false, true, true, false])
        #expect(items.map(\.isNull) == [false, false, false, true, false])
    }

    @Test("Numbers and flags are read by who wants them")
    func typedReading() throws {
        let items = try #require(try parse("[12, -1, .inf, -.Inf, 1e3, true, off, \"12\", NaN]")).items()
        #expect(try items[0].integer() == 12)
        #expect(try items[1].double() == -1)
        #expect(try items[2].double() == .infinity)
        #expect(try items[3].double() == -.infinity)
        #expect(try items[4].double() == 1000)
        #expect(try items[5].boolean())
        #expect(try !items[6].boolean())
        #expect(try items[5].string() == "true")
        #expect(try items[8].double().isNaN)
        #expect(throws: YAMLError.self) { try items[7].integer() }
    }

    @Test("Every node has its line and column")
    func locations() throws {
        let root = try #require(try parse("a:\n  - x\n  - yy: {z: 1}\n"))
        let list = try root.entries()[0].value.items()
        #expect("\(list[0].location)" == "a.yml:2:5")
        let inner = try list[1].entries()[0]
        #expect("\(inner.keyLocation)" == "a.yml:3:5")
        #expect("\(inner.value.location)" == "a.yml:3:9")
    }

    @Test("Aliases and merge keys are resolved, own keys win, earlier merges win")
    func aliasesAndMerges() throws {
        let text = """
            base: &b {x: 1, y: 2}
            other: &o {y: 3, z: 4}
            both: {<<: [*b, *o], x: 9}
            again: *b
            """
        let entries = try #require(try parse(text)).entries()
        let both = try entries[2].value.entries()
        #expect(both.map(\.key) == ["x", "y", "z"])
        #expect(try both.map { try $0.value.integer() } == [9, 2, 4])
        #expect(try entries[3].value.entries().count == 2)
    }

    @Test("Several documents come in order, and one where only one may be is an error")
    func severalDocuments() throws {
        let bytes = Array("a\n---\nb\n".utf8)
        #expect(try YAMLDocument.parseAll(bytes, file: "f").map { try $0.string() } == ["a", "b"])
        #expect(message("a\n---\nb\n") == "a.yml:3:1: a second document starts here; expected one document in the file")
        #expect(try parse("# nothing\n") == nil)
    }

    @Test(
        "Wrong texts are refused with place and reason",
        arguments: [
            ("a: 1\na: 2", "a.yml:2:1: key `a` is there twice, first in line 1; expected each key once"),
            ("a: *x", "a.yml:1:4: alias `*x` names nothing; expected an anchor `&x` before it"),
            ("[a]: 1", "a.yml:1:1: a list or mapping is used as a key; expected a text"),
            ("a: b: c", "a.yml:1:5: not YAML: mapping values are not allowed in this context"),
            ("<<: 3", "a.yml:1:5: `<<` merges `3`; expected a mapping or a list of mappings"),
            ("a: [1, 2", "a.yml:2:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence"),
            ("a: 1\nb: \u{7}", "a.yml:2:4: not YAML: control characters are not allowed; expected text in UTF-8"),
        ]
    )
    func refused(text: String, expected: String) {
        #expect(message(text) == expected)
    }

    @Test("Nesting, size and expansion are bounded")
    func limits() {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(message(deep) == "a.yml:1:65: nested too deep; expected at most 64 levels")
        #expect(message("aaaa", limits: YAMLLimits(bytes: 3)).hasSuffix("the text has 4 bytes; expected at most 3"))
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(message(bomb).hasSuffix("too many values after aliases are expanded; expected at most 4000000"))
        var tower = "a0: &a0 [x]\n"
        for level in 1...70 { tower += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(message(tower).hasSuffix("nested too deep; expected at most 64 levels"))
    }

    @Test("Truncated and random bytes give a value or an error, never a crash")
    func randomBytes() {
        let text = Array("a: &x [1, 'two', \"thr\\x41ee\", |\n  block\n]\nb: {<<: *x, k: >-\n v}\n%TAG ! x\n".utf8)
        for end in text.indices {
            _ = try? YAMLDocument.parseAll(Array(text[..<end]), file: "t")
        }
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("a:-[]{}&*<>|'\"\\\n\t #!%@,?\u{0}\u{FF}".utf8)
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in alphabet.randomElement(using: &generator)! }
            _ = try? YAMLDocument.parseAll(bytes, file: "r")
        }
    }
}
