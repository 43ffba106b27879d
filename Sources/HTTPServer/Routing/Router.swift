/// All routes of a server, to find the one for a request.
public struct Router: Sendable {
    /// What there is for a method and a path.
    enum Match {
        case found(Route, parameters: [String: String])
        case methodNotAllowed(allowed: [RequestMethod])
        case notFound
    }

    /// The routes of one literal path.
    private struct Resource: Sendable {
        var routes: [Route] = []

        func route(for method: RequestMethod) -> Route? {
            if let route = routes.first(where: { $0.method == method }) { return route }
            return method == .head ? routes.first { $0.method == .get } : nil
        }
    }

    private var literal: [String: Resource] = [:]
    private var patterns: [(pattern: PathPattern, route: Route)] = []

    /// Creates a router; two routes that answer the same method and path are an error.
    ///
    /// A literal path is preferred to a pattern, and an earlier pattern to a later one.
    public init(_ routes: [Route]) throws(HTTPServerError) {
        for route in routes {
            let pattern = try PathPattern(parsing: route.pattern)
            if let path = pattern.literalPath {
                try Self.add(route, to: &literal[path, default: Resource()])
                continue
            }
            guard !patterns.contains(where: { $0.route.method == route.method && $0.pattern.shape == pattern.shape })
            else {
                throw .invalidRoute(pattern: route.pattern, .duplicate(route.method))
            }
            patterns.append((pattern, route))
        }
    }

    private static func add(_ route: Route, to resource: inout Resource) throws(HTTPServerError) {
        guard !resource.routes.contains(where: { $0.method == route.method }) else {
            throw .invalidRoute(pattern: route.pattern, .duplicate(route.method))
        }
        resource.routes.append(route)
    }

    func match(_ method: RequestMethod, path: String, segments: [String]) -> Match {
        var allowed: [RequestMethod] = []
        // A decoded slash within a segment makes no new segment.
        if let resource = literal[path], segments.allSatisfy({ !$0.utf8.contains(UInt8(ascii: "/")) }) {
            if let route = resource.route(for: method) { return .found(route, parameters: [:]) }
            allowed += resource.routes.map(\.method)
        }
        for wanted in method == .head ? [.head, .get] : [method] {
            for entry in patterns where entry.route.method == wanted {
                if let parameters = entry.pattern.match(segments) { return .found(entry.route, parameters: parameters) }
            }
        }
        for entry in patterns where !allowed.contains(entry.route.method) && entry.pattern.match(segments) != nil {
            allowed.append(entry.route.method)
        }
        if allowed.isEmpty { return .notFound }
        if allowed.contains(.get), !allowed.contains(.head) { allowed.append(.head) }
        return .methodNotAllowed(allowed: allowed)
    }
}
