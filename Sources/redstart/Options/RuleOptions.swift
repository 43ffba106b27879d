import Alerting
import ArgumentParser
import BundledRules
import PromQL

/// Which rules a command evaluates.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .customLong("rules"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Rule file of Prometheus, or a pattern such as 'rules/*.yml', instead of the bundled rules; repeatable.",
            valueName: "file"
        )
    )
    var files: [String] = []

    @Option(
        name: .customLong("evaluation-interval"),
        help: "Time between two evaluations of groups that do not say. (default: 15s)"
    )
    var interval: DurationOption?

    func validate() throws {
        try interval?.requireAtLeast(.seconds(1), "--evaluation-interval")
    }

    /// The groups that the options name.
    func groups() throws -> [RuleGroup] {
        try Self.groups(files: files, interval: interval?.duration)
    }

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
                throw ValidationError("\(file) names no rule: no such file, or no rule in it (--rules, rule_files)")
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
