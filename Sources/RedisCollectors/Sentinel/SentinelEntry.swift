import RedisClient

/// A master, replica or Sentinel as the SENTINEL commands describe it: names and values.
struct SentinelEntry {
    /// Entries of one reply beyond this number are left out.
    private static let limit = 1024
    /// Redis 8 has about 25 fields.
    private static let fieldLimit = 128

    private var fields: [String: String] = [:]

    /// The entries of a reply; those that are no flat list of names and values are counted.
    static func entries(_ reply: Reply, _ skips: inout ParseSkips) -> [SentinelEntry] {
        var entries: [SentinelEntry] = []
        for element in reply.elements {
            guard entries.count < limit else {
                skips.add(.overLimit)
                break
            }
            if let entry = SentinelEntry(parsing: element) {
                entries.append(entry)
            } else {
                skips.add(.malformed)
            }
        }
        return entries
    }

    init?(parsing reply: Reply) {
        guard reply.kind == .array, reply.count.isMultiple(of: 2), reply.count <= Self.fieldLimit * 2 else {
            return nil
        }
        var elements = reply.elements
        while let name = elements.next(), let value = elements.next() {
            guard name.kind == .string, value.kind == .string else { return nil }
            fields[name.text] = value.text
        }
    }

    /// The value of a field.
    subscript(name: String) -> String? {
        fields[name]
    }

    /// Whether the field `flags` has a flag.
    func hasFlag(_ flag: String) -> Bool {
        self["flags"]?.split(separator: ",").contains { $0 == flag } ?? false
    }

    /// Whether it is not thought to be down.
    var isWell: Bool {
        !hasFlag("s_down") && !hasFlag("o_down")
    }
}
