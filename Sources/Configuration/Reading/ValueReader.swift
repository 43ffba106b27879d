import HTTPServer
import Metrics
import RedisClient
import RedisFleet
import YAML

/// Reads the values of keys.
///
/// A section of the file that others own is an extension of this type with a method that reads it, and one line in
/// `ConfigurationFile.keys`.
struct ValueReader: Sendable {
    /// The folder of the file, from which relative paths in it are seen; empty for that of the process.
    let directory: String

    func text(_ node: YAMLNode) throws(YAMLError) -> String {
        let text = try node.string()
        guard !text.isEmpty else { throw node.error("the text is empty", expected: "a text") }
        return text
    }

    func flag(_ node: YAMLNode) throws(YAMLError) -> Bool {
        try node.boolean()
    }

    func secret(_ node: YAMLNode) throws(YAMLError) -> Secret {
        guard case .scalar = node.content else { throw node.error("a password must be a text", expected: "a text") }
        return Secret(try node.string())
    }

    /// A path, seen from the folder of the file.
    func path(_ node: YAMLNode) throws(YAMLError) -> String {
        let path = try text(node)
        return path.hasPrefix("/") || directory.isEmpty ? path : "\(directory)/\(path)"
    }

    func paths(_ node: YAMLNode) throws(YAMLError) -> [String] {
        var paths: [String] = []
        for item in try node.items("a list of files") { paths.append(try path(item)) }
        return paths
    }

    func duration(_ node: YAMLNode) throws(YAMLError) -> Duration {
        let text = try node.string("a duration such as 15s")
        guard let duration = DurationNotation.duration(text) else {
            throw node.error("`\(text)` is not a duration", expected: "one such as 500ms, 15s or 1h30m")
        }
        return duration
    }

    /// A duration that is no shorter than some other.
    static func duration(
        atLeast minimum: Duration
    ) -> @Sendable (ValueReader) -> (YAMLNode) throws(YAMLError) -> Duration {
        { reader in
            { node throws(YAMLError) in
                let duration = try reader.duration(node)
                guard duration >= minimum else {
                    throw node.error(
                        "\(DurationNotation.text(duration)) is too short",
                        expected: "at least \(DurationNotation.text(minimum))"
                    )
                }
                return duration
            }
        }
    }

    /// A whole number above zero.
    func count(_ node: YAMLNode) throws(YAMLError) -> Int {
        let number = try node.integer("a whole number from 1")
        guard number >= 1 else { throw node.error("\(number) is too small", expected: "a whole number from 1") }
        return number
    }

    /// One of some words.
    static func word(
        of words: [String]
    ) -> @Sendable (ValueReader) -> (YAMLNode) throws(YAMLError) -> String {
        { _ in
            { node throws(YAMLError) in
                let word = try node.string("one of " + words.joined(separator: ", "))
                guard words.contains(word) else {
                    let near = nearestName(to: word, among: words).map { ", did you mean `\($0)`?" } ?? ""
                    throw node.error("`\(word)` is unknown\(near)", expected: "one of " + words.joined(separator: ", "))
                }
                return word
            }
        }
    }

    func listenAddress(_ node: YAMLNode) throws(YAMLError) -> ListenAddress {
        let text = try text(node)
        do {
            return try ListenAddress(parsing: text)
        } catch {
            throw node.error("\(error)")
        }
    }

    /// Labels for every series of a node.
    func labels(_ node: YAMLNode) throws(YAMLError) -> Labels {
        var pairs: [(String, String)] = []
        for entry in try node.entries("a mapping of label names to values") {
            guard Self.isLabelName(entry.key) else {
                throw YAMLError(
                    at: entry.keyLocation,
                    "\"\(entry.key)\" cannot be the name of a label",
                    expected: "letters, digits and _, no digit first, not __ first"
                )
            }
            guard !FleetFamilies.labelNames.contains(entry.key) else {
                throw YAMLError(at: entry.keyLocation, "some metrics have a label \"\(entry.key)\" of their own")
            }
            pairs.append((entry.key, try entry.value.string()))
        }
        return Labels(pairs)
    }

    private static func isLabelName(_ name: String) -> Bool {
        !name.hasPrefix("__") && name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
