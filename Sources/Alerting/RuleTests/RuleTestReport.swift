/// What came of the tests of one file.
public struct RuleTestReport: Sendable {
    /// One comparison, or the rules of a group that could not be evaluated.
    public struct Case: Sendable {
        /// The expression or alert, and its time.
        public let name: String
        /// Where the case stands, `file:line:column`; empty where it stands nowhere.
        public let location: String
        /// What differs, in lines; empty where the case passes.
        public let failure: [String]
    }

    /// One element of `tests`.
    public struct Group: Sendable {
        /// Its name, or `#` and its place.
        public let name: String
        /// Its cases in the order in which they ran.
        public let cases: [Case]
    }

    /// The file as it was given.
    public let file: String
    /// What is odd, but no failure.
    public let warnings: [String]
    /// Why nothing could be run, `nil` where it could.
    public let problem: String?
    /// The results.
    public let groups: [Group]

    /// Whether everything passed.
    public var isPassed: Bool {
        problem == nil && groups.allSatisfy { $0.cases.allSatisfy(\.failure.isEmpty) }
    }

    /// The report for a terminal, with a newline at the end.
    public var text: String {
        var lines = warnings.map { "\(file): warning: \($0)" }
        if let problem { lines.append(problem) }
        var count = 0
        var failed = 0
        for group in groups {
            for testCase in group.cases {
                count += 1
                guard !testCase.failure.isEmpty else { continue }
                failed += 1
                let place = testCase.location.isEmpty ? file : testCase.location
                lines.append("\(place): FAILED: test \(group.name): \(testCase.name)")
                lines += testCase.failure.map { "    " + $0 }
            }
        }
        if problem != nil {
            lines.append("\(file): cannot be run")
        } else {
            lines.append("\(file): " + (failed == 0 ? "\(count) passed" : "\(failed) of \(count) failed"))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Several reports as one JUnit XML document, which CI servers read.
    public static func junit(_ reports: [RuleTestReport]) -> String {
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for report in reports {
            if let problem = report.problem {
                xml += "<testsuite name=\"\(escaped(report.file))\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
                xml += "<testcase name=\"load\"><error>\(escaped(problem))</error></testcase>\n</testsuite>\n"
            }
            for group in report.groups {
                let failures = group.cases.count { !$0.failure.isEmpty }
                xml += "<testsuite name=\"\(escaped(report.file)) \(escaped(group.name))\" "
                xml += "tests=\"\(group.cases.count)\" failures=\"\(failures)\" errors=\"0\">\n"
                for testCase in group.cases {
                    xml += "<testcase name=\"\(escaped(testCase.name))\""
                    let text = testCase.failure.joined(separator: "\n")
                    xml += text.isEmpty ? "/>\n" : "><failure>\(escaped(text))</failure></testcase>\n"
                }
                xml += "</testsuite>\n"
            }
        }
        return xml + "</testsuites>\n"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            // XML has no way to write other control characters.
            case _ where scalar.value < 0x20: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
