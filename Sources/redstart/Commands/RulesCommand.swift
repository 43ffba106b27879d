import Alerting
import ArgumentParser
import PromQL

/// `redstart rules`: what concerns rule files alone, without a server.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "List, check and test rule files.",
        subcommands: [List.self, Check.self, Test.self]
    )

    /// `redstart rules list`.
    struct List: AsyncParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, json
        }

        static let configuration = CommandConfiguration(
            abstract: "List the bundled rules, or those of files."
        )

        @Argument(help: "Rule files, patterns such as 'rules/*.yml', or folders, instead of the bundled rules.")
        var files: [String] = []

        @Option(help: "table, or json for programs.")
        var format = Format.table

        func run() async throws {
            let groups = try RuleSources.groups(files: try RuleFolders.files(files, withKey: "groups"))
            switch format {
            case .table: try StandardOutput.write(RuleList.table(groups))
            case .json: try StandardOutput.write(try RuleList.json(groups))
            }
        }
    }

    /// `redstart rules check`.
    struct Check: AsyncParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Check that rule files can be used, and tell what is odd in them.",
            discussion: """
                Mistakes are a reason not to load a file. Warnings are not: metrics that do not exist, alerts without \
                runbook, labels that will cause trouble.

                Exit codes: 0 no mistake, 1 a mistake, with --strict a warning too.
                """
        )

        @Argument(help: "Rule files, patterns such as 'rules/*.yml', or folders.")
        var files: [String]

        @Option(help: "text, or json for programs.")
        var format = Format.text

        @Flag(help: "Take warnings for mistakes.")
        var strict = false

        @Option(
            name: .customLong("enable-feature"),
            help: ArgumentHelp("Features of PromQL as for serve; repeatable.", valueName: "feature,…")
        )
        var features: [String] = []

        func validate() throws {
            _ = try QueryOptions.language(features)
        }

        func run() async throws {
            let report = RuleCheckReport(files, language: try QueryOptions.language(features))
            switch format {
            case .text: try StandardOutput.write(report.text)
            case .json: try StandardOutput.write(try report.json())
            }
            if report.isFailed || (strict && !report.warnings.isEmpty) { throw ExitCode.failure }
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

        @Argument(help: "Unit test files, patterns, or folders with them.")
        var files: [String]

        @Option(help: "text, or junit for CI servers.")
        var format = Format.text

        func run() async throws {
            let options = Query.Options(experimentalFunctions: true, durationExpressions: true)
            let tests = RuleTests(queryOptions: options)
            let paths = try RuleFolders.files(files, withKey: "tests")
            guard !paths.isEmpty else { throw ValidationError("\(files.joined(separator: " ")): no such file") }
            let reports = paths.map { tests.run(file: $0) }
            switch format {
            case .text: try StandardOutput.write(reports.map(\.text).joined())
            case .junit: try StandardOutput.write(RuleTestReport.junit(reports))
            }
            guard reports.allSatisfy(\.isPassed) else { throw ExitCode.failure }
        }
    }
}
