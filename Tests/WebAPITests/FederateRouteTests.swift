import Metrics
import Testing

@testable import WebAPI

@Suite("/federate")
struct FederateRouteTests {
    @Test("The latest sample of each series that is wanted, by name, with its time")
    func latest() async throws {
        let api = try APIUnderTest()
        let now = WallClock.milliseconds()
        try api.add("up", [("instance", "b"), ("note", "a\"\\\n")], [(now - 20_000, 1), (now - 10_000, 2.5)])
        try api.add("up", [("instance", "a")], [(now - 10_000, 1)])
        try api.add("job:up:sum", [], [(now - 10_000, .infinity)])
        try api.add("old", [], [(now - 400_000, 1)])
        try api.add("ended", [], [(now - 10_000, 1), (now - 5000, .staleMarker)])
        let answer = await api.get(
            "/federate",
            [("match[]", "up"), ("match[]", #"{__name__=~"job:.*|old|ended|up"}"#)]
        )
        #expect(answer.status == 200)
        #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            answer.text == """
                # TYPE job:up:sum untyped
                job:up:sum{instance=""} +Inf \(now - 10_000)
                # TYPE up untyped
                up{instance="a"} 1 \(now - 10_000)
                up{instance="b",note="a\\"\\\\\\n"} 2.5 \(now - 10_000)

                """
        )
    }

    @Test("Nothing is asked for, nothing is given; a wrong selector is refused with its place")
    func selectors() async throws {
        let api = try APIUnderTest()
        try api.add("up", [], [(WallClock.milliseconds() - 1000, 1)])
        let nothing = await api.get("/federate")
        #expect(nothing.status == 200 && nothing.text.isEmpty)
        let wrong = await api.get("/federate", [("match[]", "up{")])
        #expect(wrong.status == 400)
        #expect(wrong.text.hasPrefix("1:"))
        #expect(await api.get("/federate", [("match[]", "{}")]).status == 400)
    }

    @Test("Names beyond the old alphabet get underscores, since the text format has no others")
    func names() {
        #expect(EscapedName.underscored("my.metric-1:x") == "my_metric_1:x")
        #expect(EscapedName.underscored("1a\u{2603}") == "_a_")
    }
}
