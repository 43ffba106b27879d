/// Another word than `redis` at the front of exposed names, for those whose dashboards have it.
///
/// It is put in when all is rendered, and nowhere else: rules and queries inside go on with the names they know.
public struct ExpositionNamespace: Sendable, Equatable {
    private static let prefix = Array("redis_".utf8)
    private static let comments = ["# HELP ", "# TYPE ", "# UNIT "].map { Array($0.utf8) }

    /// The word.
    public let word: String
    private let replacement: [UInt8]?

    /// The namespace in which all rows are written: nothing is replaced.
    public static let redis = ExpositionNamespace()

    private init() {
        word = "redis"
        replacement = nil
    }

    /// Takes a word of letters, digits and underscores; `nil` for anything else.
    public init?(_ word: String) {
        let isName = word.utf8.enumerated().allSatisfy { position, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): position > 0
            default: false
            }
        }
        guard isName else { return nil }
        self.word = word
        // redis_exporter joins namespace and name by an underscore, where there is a namespace.
        replacement = word == "redis" ? nil : Array((word.isEmpty ? "" : word + "_").utf8)
    }

    /// The exposition with all names that begin with `redis_` replaced.
    public func apply(to exposition: [UInt8]) -> [UInt8] {
        guard let replacement else { return exposition }
        var output: [UInt8] = []
        output.reserveCapacity(exposition.count + exposition.count / 8)
        for line in exposition.split(separator: UInt8(ascii: "\n")) {
            var rest = line
            if let comment = Self.comments.first(where: line.starts) {
                output += comment
                rest = rest.dropFirst(comment.count)
            }
            if rest.starts(with: Self.prefix) {
                output += replacement
                rest = rest.dropFirst(Self.prefix.count)
            }
            output += rest
            output.append(UInt8(ascii: "\n"))
        }
        return output
    }
}
