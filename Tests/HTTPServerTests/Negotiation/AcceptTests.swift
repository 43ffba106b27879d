import Testing

@testable import HTTPServer

@Suite struct AcceptTests {
    private let openMetrics = MediaType("application", "openmetrics-text", [.init("version", "1.0.0")])
    private let text = MediaType("text", "plain", [.init("version", "0.0.4")])

    @Test(
        "the format a scraper likes best is chosen",
        arguments: [
            // Prometheus 3, Prometheus 2, an old one, a browser, curl.
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
                    + "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                1
            ),
            ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", 1),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", 0),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 0),
            ("*/*", 0),
            ("application/openmetrics-text", 1),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\"", 1),
            ("text/*;q=0.1, application/*;q=0.2", 1),
            ("application/openmetrics-text;version=0.0.1,text/plain;q=0.1", 0),
            ("application/openmetrics-text;q=0,*/*", 0),
            ("text/plain;q=0,*/*;q=0.5", 1),
        ])
    func preference(header: String, expected: Int) {
        #expect(Accept(parsing: header).preferredIndex(among: [text, openMetrics]) == expected)
    }

    @Test("nothing is chosen where nothing is accepted", arguments: ["image/png", "*/*;q=0", "", ",;,", "text"])
    func nothing(header: String) {
        #expect(Accept(parsing: header).preferredIndex(among: [text, openMetrics]) == nil)
    }

    @Test("the most exact range decides, wherever it stands")
    func specificity() {
        let accept = Accept(parsing: "*/*;q=0.9, text/plain;version=0.0.4;q=0.3, text/*;q=0.8, text/plain;q=0.5")
        #expect(accept.quality(of: text) == 300)
        #expect(accept.quality(of: MediaType("text", "plain", [.init("version", "1.0.0")])) == 500)
        #expect(accept.quality(of: MediaType("text", "html")) == 800)
        #expect(accept.quality(of: MediaType("image", "png")) == 900)
    }

    @Test("parameters are read with quotes, escapes, spaces and commas inside quotes")
    func parameters() {
        let accept = Accept(parsing: "a/b ; X = \"1, \\\"2\\\"; 3\" ;q= 0.25 , c/d")
        #expect(accept.entries.count == 2)
        #expect(accept.entries.first?.range == MediaType("a", "b", [.init("x", "1, \"2\"; 3")]))
        #expect(accept.entries.first?.quality == 250)
        #expect(accept.entries.last?.range == MediaType("c", "d"))
    }

    @Test(
        "a weight is 0 to 1 with three digits at most",
        arguments: [
            ("1", 1000), ("0", 0), ("0.5", 500), ("0.05", 50), ("0.005", 5), ("1.000", 1000), ("1.", 1000),
            ("1.001", nil), ("2", nil), ("-1", nil), ("0.0001", nil), (".5", nil), ("x", nil), ("", nil),
        ] as [(String, Int?)])
    func weights(text: String, thousandths: Int?) {
        #expect(FieldValueReader.quality(text) == thousandths)
        #expect(Accept(parsing: "a/b;q=\(text)").entries.first?.quality == thousandths)
    }

    @Test("any text is read to its end")
    func totality() {
        let alphabet = Array("a/*;=q0.1,\" \\\t".utf8)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...24)).map { _ in alphabet.randomElement()! }
            let entries = Accept(parsing: String(decoding: bytes, as: UTF8.self)).entries
            #expect(entries.count <= bytes.count / 3 + 1)
            #expect(entries.allSatisfy { (0...1000).contains($0.quality) })
        }
    }
}
