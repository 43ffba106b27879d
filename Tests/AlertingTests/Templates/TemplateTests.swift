import Metrics
import Testing

@testable import Alerting

@Suite("Templates")
struct TemplateTests {
    private func expand(_ text: String, value: Double = 1, url: String = "http://h:1/p/") -> String {
        let context = TemplateContext(
            labels: Labels([("job", "a"), ("instance", "i:1")]),
            value: value,
            external: TemplateExternals(labels: Labels([("foo", "bar")]), url: url),
            timestampMilliseconds: 1_500
        ) { (text) throws(TemplateError) in
            if text == "bad" { throw TemplateError("no such query") }
            return [TemplateSample(labels: Labels([("x", "1")]), value: 7)]
        }
        do {
            return try AlertTemplate(text, alertName: "T").expandingOrError(context)
        } catch {
            return "refused: \(error)"
        }
    }

    // What promtool confirms is in Fixtures/templates; here is what its version does not have or does otherwise.
    @Test(
        "Newer functions of Prometheus give what they give there",
        arguments: [
            ("{{ now }}", "1.5"),
            ("{{ toDuration 90 }} {{ toDuration 0.0015 }} {{ toDuration 1e-6 }}", "1m30s 1.5ms 1µs"),
            ("{{ urlQueryEscape \"a b\" }}", "a+b"),
            ("{{ humanize1024 2048 }}", "2Ki"),
            ("{{ externalURL }} {{ pathPrefix }} {{ $externalURL }}", "http://h:1/p/ /p/ http://h:1/p/"),
            ("{{ range 3 }}{{ . }}{{ end }}{{ range 0 }}x{{ else }}none{{ end }}", "012none"),
            ("{{ with 0 }}a{{ else with 5 }}{{ . }}{{ end }}", "5"),
        ]
    )
    func newer(text: String, expected: String) {
        #expect(expand(text) == expected)
    }

    @Test(
        "What is no template is refused with the words of Go",
        arguments: [
            ("{{ ", "unclosed action"), ("{{ .x", "unclosed action"), ("{{ end }}", "unexpected {{end}}"),
            ("{{ if }}x{{ end }}", "missing value for if"), ("{{ if true }}", "unexpected EOF"),
            ("{{ nope 1 }}", "function \"nope\" not defined"), ("{{ $y }}", "undefined variable \"$y\""),
            ("{{ break }}", "{{break}} outside {{range}}"), ("{{ 1a }}", "bad number syntax: \"1a\""),
            ("{{ \"x }}", "unterminated quoted string"), ("{{ (1 }}", "unclosed left paren"),
            ("{{ 1) }}", "unexpected right paren"), ("{{ 1 | 2 }}", "non executable command in pipeline stage 2"),
            ("{{/* x }}", "unclosed comment"), ("{{ define x }}", "unexpected \"x\" in define clause"),
            ("{{ }}", "missing value for command"), ("{{ # }}", "unexpected \"#\" in command"),
            ("a\n{{ end }}", "unexpected {{end}}"),
        ]
    )
    func refused(text: String, reason: String) {
        let line = text.hasPrefix("a\n") ? 2 : 1
        #expect(expand(text) == "refused: template: __alert_T:\(line): \(reason)")
    }

    @Test("A template that loops, grows or nests without end becomes an error")
    func bounded() {
        #expect(
            expand(#"{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}"#).contains(
                "maximum template depth"))
        #expect(
            expand("{{ range 1000000000 }}{{ end }}")
                == "<error expanding template: error executing template __alert_T: template: __alert_T: gave up after "
                + "200000 steps, the template loops>"
        )
        #expect(expand("{{ range 100000 }}xxxxxxxxxx{{ end }}").contains("the result is longer than 65536 bytes"))
        #expect(expand("{{ printf \"%999999999d\" 1 }}").utf8.count == 10_000)
        let deep = String(repeating: "(", count: 500) + "1" + String(repeating: ")", count: 500)
        #expect(expand("{{ \(deep) }}") == "refused: template: __alert_T:1: max nesting of 100 exceeded")
        let blocks = String(repeating: "{{if true}}", count: 500) + String(repeating: "{{end}}", count: 500)
        #expect(expand(blocks) == "refused: template: __alert_T:1: max nesting of 100 exceeded")
        let doubling =
            #"{{ define "d" }}{{ template "e" . }}{{ template "e" . }}{{ end }}{{ define "e" }}{{ template "d" . }}{{ end }}"#
        #expect(expand(doubling + #"{{ template "d" . }}"#).contains("maximum template depth"))
    }

    @Test("A failing query shows in the text")
    func failingQuery() {
        #expect(
            expand("{{ query \"bad\" }}")
                == "<error expanding template: error executing template __alert_T: template: __alert_T:1:115: executing "
                + "\"__alert_T\" at <query \"bad\">: error calling query: no such query>"
        )
    }

    @Test("Truncated and random templates give a text or an error, never a crash")
    func random() {
        let text =
            #"a{{- if eq $labels.job "b" | not -}}{{ printf "%[1]*.2f" 3 $value }}{{ else }}{{ range $i, $x := query "q" }}{{ $x.Labels }}{{ end }}{{ end }}"#
        for end in text.indices { _ = expand(String(text[..<end])) }
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "{{", "}}", "if ", "range ", "end", "else ", ".", "$", "$x", ":=", "|", "(", ")", "\"", "`", "1", "-", " ",
            "query", "%", ",",
        ]
        for _ in 0..<3000 {
            _ = expand((0..<12).map { _ in parts.randomElement(using: &generator)! }.joined())
        }
    }

    @Test("A text without braces is not parsed")
    func plainText() {
        #expect(expand("50 % of }} it") == "50 % of }} it")
    }
}
