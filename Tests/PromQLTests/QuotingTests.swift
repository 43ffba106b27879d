import PromQL
import Testing

@Suite("Texts in quotes, as Go writes and reads them")
struct QuotingTests {
    /// By Go's `strconv.Quote`.
    private static let pairs: [(text: String, quoted: String)] = [
        ("", #""""#), ("plain", #""plain""#), ("a\"b\\c\n\u{1}ü", #""a\"b\\c\n\x01ü""#),
        ("\t\r\u{7}\u{8}\u{b}\u{c}\u{1b}\u{7f}", #""\t\r\a\b\v\f\x1b\x7f""#),
        ("\u{a0}\u{200b}\u{2028}\u{feff}", #""\u00a0\u200b\u2028\ufeff""#),
        ("日本語 🙂", #""日本語 🙂""#), ("\u{10ffff}", #""\U0010ffff""#), ("it's", #""it's""#),
    ]

    @Test("What cannot be seen is escaped, and read back as it was", arguments: pairs)
    func both(text: String, quoted: String) {
        #expect(Quoting.quoted(text) == quoted)
        #expect(Quoting.unquoted(quoted) == text)
    }

    @Test("A character stands in single quotes, where the double ones need no escape")
    func character() {
        #expect(Quoting.quoted("'", with: "'") == #"'\''"#)
        #expect(Quoting.quoted("\"", with: "'") == #"'"'"#)
        #expect(Quoting.unquoted(#"'\''"#) == "'")
    }

    @Test("Between backquotes nothing is an escape, and carriage returns are left out")
    func raw() {
        #expect(Quoting.unquoted("`a\\n\r\n`") == "a\\n\n")
    }

    @Test(
        "What is not well formed is no text",
        arguments: [
            "", "\"", "\"a", "a\"", "\"a'", #""a"b""#, #""\""#, #""\q""#, #""\x1""#, #""\x+1""#, #""\400""#,
            #""\ud800""#, #""\U00110000""#,
        ]
    )
    func malformed(text: String) {
        #expect(Quoting.unquoted(text) == nil)
    }
}
