public import PromQL

/// Runs unit tests of rules, in the format of `promtool test rules`.
public struct RuleTests: Sendable {
    /// What expressions may use.
    public var queryOptions: Query.Options

    /// Makes a runner; promtool's feature flags are options of queries.
    public init(queryOptions: Query.Options = Query.Options()) {
        self.queryOptions = queryOptions
    }

    /// Runs all tests of a file.
    ///
    /// What is wrong with the file or its rules is in the report too.
    public func run(file path: String) -> RuleTestReport {
        do throws(AlertingError) {
            return run(try FileReading.bytes(of: path), path: path)
        } catch {
            return RuleTestReport(file: path, warnings: [], problem: error.description, groups: [])
        }
    }

    /// Runs the tests of a text; `path` names it in the report, and rule files are looked for beside it.
    func run(_ bytes: [UInt8], path: String) -> RuleTestReport {
        do throws(AlertingError) {
            return try run(RuleTestFile(bytes, path: path))
        } catch {
            return RuleTestReport(file: path, warnings: [], problem: error.description, groups: [])
        }
    }

    private func run(_ file: RuleTestFile) throws(AlertingError) -> RuleTestReport {
        var paths: [String] = []
        var warnings: [String] = []
        for pattern in file.ruleFiles {
            let found = FileReading.paths(matching: pattern)
            if found.isEmpty { warnings.append("no file matches \(pattern)") }
            paths += found
        }
        let rules = RuleFiles(defaultIntervalMilliseconds: file.evaluationInterval, queryOptions: queryOptions)
        var groups = try rules.load(paths)
        if !file.groupOrder.isEmpty {
            // Groups that the order does not name keep their places behind those that it names.
            let ranks = Dictionary(uniqueKeysWithValues: file.groupOrder.enumerated().map { ($1, $0) })
            let ranked = groups.enumerated().sorted { left, right in
                let (l, r) = (ranks[left.element.name] ?? .max, ranks[right.element.name] ?? .max)
                return (l, left.offset) < (r, right.offset)
            }
            groups = ranked.map(\.element)
        }
        return RuleTestReport(
            file: file.path,
            warnings: warnings,
            problem: nil,
            groups: file.groups.map { group in
                var run = RuleTestRun(file: file, group: group, rules: groups, queryOptions: queryOptions)
                return RuleTestReport.Group(name: group.name, cases: run.cases())
            }
        )
    }
}
