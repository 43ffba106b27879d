import Metrics
import PromQL
import YAML

extension YAMLNode {
    /// The matchers of a list of texts, each of one or several.
    func matchers() throws(YAMLError) -> [LabelMatcher] {
        var result: [LabelMatcher] = []
        for item in try items("a list of matchers such as severity=\"critical\"") {
            do throws(MatcherText.Mistake) {
                result += try MatcherText.parse(try item.text("a matcher"))
            } catch {
                throw item.error(error.description, expected: "one such as severity=\"critical\" or team=~\"a|b\"")
            }
        }
        return result
    }

    /// As `string`, with the error of matchers: so that both can be told in one place.
    private func text(_ expected: String) throws(MatcherText.Mistake) -> String {
        do {
            return try string(expected)
        } catch {
            throw MatcherText.Mistake(description: error.problem)
        }
    }

    /// The labels of a mapping of names to texts.
    func labelPairs() throws(YAMLError) -> Labels {
        var pairs: [(String, String)] = []
        for entry in try entries("a mapping of label names to texts") {
            guard MatcherText.isLabelName(entry.key) else {
                let problem = "`\(entry.key)` is no label name"
                throw YAMLError(at: entry.keyLocation, problem, expected: "letters, digits and _")
            }
            pairs.append((entry.key, try entry.value.string()))
        }
        return Labels(pairs)
    }

    /// A path, seen from the folder of the file in which it stands.
    func path() throws(YAMLError) -> String {
        let path = try string("the path of a file")
        guard !path.hasPrefix("/"), let end = location.file.lastIndex(of: "/") else { return path }
        return location.file[...end] + path
    }

    /// The texts of a list.
    func strings(_ expected: String) throws(YAMLError) -> [String] {
        var result: [String] = []
        for item in try items("a list, each \(expected)") { result.append(try item.string(expected)) }
        return result
    }

    /// A duration that is longer than nothing.
    func positiveDuration() throws(YAMLError) -> Int64 {
        let milliseconds = try prometheusDuration()
        guard milliseconds > 0 else { throw error("the duration is 0", expected: "a longer one, such as 5m") }
        return milliseconds
    }

    /// One of the texts that are allowed.
    func choice<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type
    ) throws(YAMLError) -> Choice where Choice.RawValue == String {
        let text = try string()
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        let hint = nearestName(to: text, among: names).map { ", did you mean `\($0)`?" } ?? ""
        throw error("`\(text)` is not known here\(hint)", expected: "one of " + names.joined(separator: ", "))
    }
}
