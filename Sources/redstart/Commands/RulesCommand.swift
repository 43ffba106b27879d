import Alerting
import ArgumentParser
import PromQL

/// `redstart rules`: what concerns rule files alone, without a server.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check and test rule files.",
        subcommands: [Check.self, Test.self]
    )

    /// `redstart rules check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check that rule files can be used.")

        @Argument(help: "Rule files, or patterns such as 'rules/*.yml'.")
        var files: [String]

        func run() async throws {
            let groups = try RuleFiles().load(files)
            let rules = groups.map(\.rules.count).reduce(0, +)
            try StandardOutput.write("\(groups.count) groups with \(rules) rules: no mistake found.\n")
            for rule in groups.flatMap(\.duplicateRules) {
                StandardError.write("\(rule.location): warning: \(rule.name) is there twice with the same labels\n")
            }
        }
    }

    /// `redstart rules test`.
    struct Test: AsyncParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, junit
        }

        static let configuration = CommandConfiguration(
            abstract: "Run unit tests of rules, in the format of promtool.",
            discussion: "Exits with 1 when a test fails. Experimental functions of PromQL may be used in tests."
        )

        @Argument(help: "Unit test files.")
        var files: [String]

        @Option(help: "text, or junit for CI servers.")
        var format = Format.text

        func run() async throws {
            let options = Query.Options(experimentalFunctions: true, durationExpressions: true)
            let tests = RuleTests(queryOptions: options)
            let reports = files.map { tests.run(file: $0) }
            switch format {
            case .text: try StandardOutput.write(reports.map(\.text).joined())
            case .junit: try StandardOutput.write(RuleTestReport.junit(reports))
            }
            guard reports.allSatisfy(\.isPassed) else { throw ExitCode.failure }
        }
    }
}
