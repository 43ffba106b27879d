import Testing

@testable import HTTPServer

@Suite struct RequestTargetTests {
    @Test("a target is taken apart and decoded")
    func target() throws {
        let target = try #require(RequestTarget("/api/v1/a%20b+c/%C3%A4?q=a%20b+c&q=2&&flag&=x&e=1=2"))
        #expect(target.path == "/api/v1/a b+c/ä")
        #expect(target.segments == ["api", "v1", "a b+c", "ä"])
        #expect(target.query.all("q") == ["a b c", "2"])
        #expect(target.query.first("flag") == "")
        #expect(target.query.first("") == "x")
        #expect(target.query.first("e") == "1=2")
        #expect(target.query.first("none") == nil)
    }

    @Test(
        "the absolute form that proxies are sent is understood",
        arguments: [("http://host:9121/metrics?a=b", "/metrics"), ("HTTPS://host", "/"), ("/", "/"), ("//x", "//x")])
    func absoluteForm(text: String, path: String) {
        #expect(RequestTarget(text)?.path == path)
    }

    @Test(
        "a target that is no path, or badly encoded, is refused",
        arguments: [
            "", "*", "metrics", "ftp://host/", "http://host?a", "/a#b", "/%", "/%4", "/%g0", "/%ff", "/%00", "/?a=%",
            "/?%zz=1", "/?a=%c3", "host:443",
        ])
    func refused(text: String) {
        #expect(RequestTarget(text) == nil)
    }
}
