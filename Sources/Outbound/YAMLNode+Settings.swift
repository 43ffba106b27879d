public import Metrics
import PromQL
public import YAML

extension YAMLNode {
    /// The milliseconds of a duration as Prometheus writes it: `5m`, `1h30m`, `0`.
    public func prometheusDuration() throws(YAMLError) -> Int64 {
        let text = try string("a duration such as 5m or 1h30m")
        guard let milliseconds = DurationText.milliseconds(text) else {
            throw error("`\(text)` is not a duration", expected: "one such as 5m, 1h30m or 250ms")
        }
        return milliseconds
    }

    /// The labels of a mapping of names to texts.
    public func labelPairs() throws(YAMLError) -> Labels {
        var pairs: [(String, String)] = []
        for entry in try entries("a mapping of label names to texts") {
            guard Labels.isLabelName(entry.key) else {
                let problem = "`\(entry.key)` is no label name"
                throw YAMLError(at: entry.keyLocation, problem, expected: "letters, digits and _")
            }
            pairs.append((entry.key, try entry.value.string()))
        }
        return Labels(pairs)
    }

    /// A path, seen from the folder of the file in which it stands.
    public func path() throws(YAMLError) -> String {
        let path = try string("the path of a file")
        guard !path.hasPrefix("/"), let end = location.file.lastIndex(of: "/") else { return path }
        return location.file[...end] + path
    }

    /// The texts of a list.
    public func strings(_ expected: String) throws(YAMLError) -> [String] {
        var result: [String] = []
        for item in try items("a list, each \(expected)") { result.append(try item.string(expected)) }
        return result
    }

    /// A duration that is longer than nothing.
    public func positiveDuration() throws(YAMLError) -> Int64 {
        let milliseconds = try prometheusDuration()
        guard milliseconds > 0 else { throw error("the duration is 0", expected: "a longer one, such as 5m") }
        return milliseconds
    }

    /// One of the texts that are allowed.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type
    ) throws(YAMLError) -> Choice where Choice.RawValue == String {
        let text = try string()
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        let hint = nearestName(to: text, among: names).map { ", did you mean `\($0)`?" } ?? ""
        throw error("`\(text)` is not known here\(hint)", expected: "one of " + names.joined(separator: ", "))
    }
}
