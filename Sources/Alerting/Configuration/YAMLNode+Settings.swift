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
}
