import JSON
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("Commas stand between values and nowhere else")
    func commas() {
        let json = text { writer in
            writer.object { writer in
                writer.key("a")
                writer.array { writer in
                    writer.number(1)
                    writer.array { _ in }
                    writer.object { _ in }
                    writer.bool(false)
                    writer.null()
                }
                writer.key("b")
                writer.number(1.5)
                writer.key("c")
                writer.string("x")
            }
        }
        #expect(json == #"{"a":[1,[],{},false,null],"b":1.5,"c":"x"}"#)
    }

    @Test("Whatever a string holds is escaped")
    func escapes() {
        #expect(
            text { $0.string("q\" b\\ n\n r\r t\t z\u{0} e\u{1b} <script> ü") }
                == #""q\" b\\ n\n r\r t\t z\u0000 e\u001b \u003cscript> ü""#)
    }

    @Test("Numbers that JSON does not know are null")
    func numbers() {
        #expect(text { $0.array(of: [Double.nan, .infinity, 1e21]) { $0.number($1) } } == "[null,null,1e+21]")
    }
}
