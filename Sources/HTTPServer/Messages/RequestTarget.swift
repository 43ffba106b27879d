/// The target of a request, taken apart and decoded (RFC 9112, section 3.2: origin form and absolute form).
struct RequestTarget: Hashable {
    /// The decoded segments between the slashes; `/` is one empty segment.
    let segments: [String]
    /// The decoded path.
    let path: String
    /// The decoded items behind the question mark.
    let query: QueryItems

    /// Takes a target apart; nil if it is not a path, has a fragment or a bad percent-encoding.
    init?(_ text: String) {
        var rest = text[...].utf8
        if rest.first != UInt8(ascii: "/") {
            guard let path = Self.pathOfAbsoluteForm(rest) else { return nil }
            rest = path
        }
        guard !rest.contains(UInt8(ascii: "#")) else { return nil }
        let mark = rest.firstIndex(of: UInt8(ascii: "?"))
        let rawPath = rest[..<(mark ?? rest.endIndex)]

        var segments: [String] = []
        for raw in rawPath.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentCoding.decode(raw, plusIsSpace: false) else { return nil }
            segments.append(segment)
        }
        self.segments = segments
        path = "/" + segments.joined(separator: "/")
        guard let mark else {
            query = QueryItems()
            return
        }
        guard let items = QueryItems(parsing: rest[rest.index(after: mark)...]) else { return nil }
        query = items
    }

    /// The path of `http://host/path`, which a client sends that takes us for a proxy; `/` if there is none.
    private static func pathOfAbsoluteForm(_ target: Substring.UTF8View) -> Substring.UTF8View? {
        guard let scheme = ["http://", "https://"].first(where: { Substring(target).lowercased().hasPrefix($0) })
        else { return nil }
        let authority = target.dropFirst(scheme.utf8.count)
        guard let end = authority.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else {
            return "/"[...].utf8
        }
        return authority[end] == UInt8(ascii: "/") ? authority[end...] : nil
    }
}
