import Alerting
import BundledRules
import PromQL

/// The rules that a command evaluates.
enum RuleSources {
    /// The groups of the named files, else those that come with the program; `language` is what expressions may use.
    ///
    /// - Throws: `AlertingError` with every problem of the files, or an error where a name leads to no rule: whoever
    ///   mistypes it would take "nothing fires" for an answer.
    static func groups(
        files: [String],
        interval: Duration? = nil,
        language: Query.Options = Query.Options()
    ) throws -> [RuleGroup] {
        let reader = RuleFiles(
            defaultIntervalMilliseconds: (interval ?? .seconds(15)).milliseconds,
            queryOptions: language
        )
        if !files.isEmpty {
            for file in files where try reader.load([file]).allSatisfy(\.rules.isEmpty) {
                throw InvalidOption("\(file) names no rule: no such file, or no rule in it (--rules, rule_files)")
            }
            return try reader.load(files)
        }
        var groups: [RuleGroup] = []
        for (name, bytes) in BundledRules.files {
            groups += try reader.parse(bytes, file: name)
        }
        return groups
    }
}
