/// The pattern of a route's path: literal segments and `:name` for any one segment.
struct PathPattern: Sendable, Hashable {
    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    let segments: [Segment]

    init(parsing pattern: String) throws(HTTPServerError) {
        guard pattern.hasPrefix("/") else { throw .invalidRoute(pattern: pattern, .noLeadingSlash) }
        var segments: [Segment] = []
        for part in pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard part.hasPrefix(":") else {
                segments.append(.literal(String(part)))
                continue
            }
            let name = String(part.dropFirst())
            guard !name.isEmpty else { throw .invalidRoute(pattern: pattern, .unnamedParameter) }
            guard !segments.contains(.parameter(name)) else {
                throw .invalidRoute(pattern: pattern, .repeatedParameter(name))
            }
            segments.append(.parameter(name))
        }
        self.segments = segments
    }

    /// The literal path, if there is no parameter in it.
    var literalPath: String? {
        var path = ""
        for segment in segments {
            guard case .literal(let text) = segment else { return nil }
            path += "/" + text
        }
        return path
    }

    /// The parameters of a path that fits, or nil.
    ///
    /// A parameter stands for a segment that is not empty.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let expected):
                guard text == expected else { return nil }
            case .parameter(let name):
                guard !text.isEmpty else { return nil }
                parameters[name] = text
            }
        }
        return parameters
    }

    /// The pattern with the names left out: two patterns that are the same here match the same paths.
    var shape: [Segment] {
        segments.map { if case .parameter = $0 { .parameter("") } else { $0 } }
    }
}
