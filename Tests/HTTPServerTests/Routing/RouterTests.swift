import Testing

@testable import HTTPServer

@Suite struct RouterTests {
    private func route(_ method: RequestMethod, _ pattern: String) -> Route {
        Route(method, pattern) { _ in .text(.ok, pattern) }
    }

    /// The pattern that answers, with its parameters, or what there is in place of one.
    private func found(_ router: Router, _ method: RequestMethod, _ path: String) -> String {
        guard let target = RequestTarget(path) else { return "bad" }
        switch router.match(method, path: target.path, segments: target.segments) {
        case .found(let route, let parameters):
            let pairs = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return ([route.pattern] + pairs).joined(separator: " ")
        case .methodNotAllowed(let allowed): return "allow " + allowed.map(\.description).joined(separator: ",")
        case .notFound: return "none"
        }
    }

    @Test(
        "a path finds its route",
        arguments: [
            ("/", "/"), ("/metrics", "/metrics"), ("/metrics/", "none"), ("/Metrics", "none"),
            ("/api/v1/label/job/values", "/api/v1/label/:name/values name=job"),
            ("/api/v1/label/a%2Fb/values", "/api/v1/label/:name/values name=a/b"),
            ("/api/v1/label//values", "none"), ("/api/v1/label/__name__/values", "/api/v1/label/__name__/values"),
            ("/m%65trics", "/metrics"), ("/api%2Fv1%2Fquery", "none"), ("/../metrics", "none"),
            ("/api/v1/query", "allow POST"), ("/api/v1/query?a=b", "allow POST"),
        ])
    func matching(path: String, expected: String) throws {
        let router = try Router([
            route(.get, "/"), route(.get, "/metrics"), route(.get, "/api/v1/label/:name/values"),
            route(.get, "/api/v1/label/__name__/values"), route(.post, "/api/v1/query"),
        ])
        #expect(found(router, .get, path) == expected)
    }

    @Test("HEAD is answered by GET, unless it has a route of its own")
    func head() throws {
        let router = try Router([route(.get, "/a"), route(.get, "/b/:x"), route(.head, "/b/:y"), route(.post, "/c")])
        #expect(found(router, .head, "/a") == "/a")
        #expect(found(router, .head, "/b/1") == "/b/:y y=1")
        #expect(found(router, .head, "/c") == "allow POST")
        #expect(found(router, .put, "/b/1") == "allow GET,HEAD")
        #expect(found(router, .other("TRACE"), "/a") == "allow GET,HEAD")
    }

    @Test("two methods may name the same parameter differently")
    func parameterNames() throws {
        let router = try Router([route(.get, "/a/:x"), route(.post, "/a/:y")])
        #expect(found(router, .get, "/a/1") == "/a/:x x=1")
        #expect(found(router, .post, "/a/1") == "/a/:y y=1")
    }

    @Test(
        "a route that cannot work is refused",
        arguments: [
            (["metrics"], "invalid route 'metrics': a pattern starts with '/'"),
            (["/a/:"], "invalid route '/a/:': a ':' needs a name behind it"),
            (["/:a/:a"], "invalid route '/:a/:a': ':a' stands there twice"),
            (["/a", "/a"], "invalid route '/a': GET has a handler already"),
            (["/:a/x", "/:b/x"], "invalid route '/:b/x': GET has a handler already"),
        ])
    func refused(patterns: [String], message: String) {
        #expect { try Router(patterns.map { route(.get, $0) }) } throws: { "\($0)" == message }
    }
}
