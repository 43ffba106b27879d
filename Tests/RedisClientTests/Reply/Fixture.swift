import FoundationEssentials

/// What a real server sent, one reply or a stream of them.
struct Fixture: CustomStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]

    var description: String {
        name
    }

    /// All of them, sorted by name.
    static let all: [Fixture] = load()

    static func named(_ name: String) throws -> Fixture {
        try Fixture(name: name)
    }

    private init(name: String) throws {
        self.name = name
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name)")))
    }

    private static let folder: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(2)
        return parts.joined(separator: "/") + "/Fixtures"
    }()

    private static func load() -> [Fixture] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".resp") }.sorted().compactMap { try? Fixture(name: $0) }
    }
}
