import Metrics

/// What a test expected and did not get, line by line: `-` is expected, `+` is there.
enum RuleTestDifference {
    /// Empty where both are the same in any order.
    static func lines(expected: [TemplateSample], got: [TemplateSample], isFuzzy: Bool) -> [String] {
        var left = got
        var missing: [TemplateSample] = []
        for sample in expected {
            let index = left.firstIndex {
                $0.labels == sample.labels && isEqual($0.value, sample.value, isFuzzy: isFuzzy)
            }
            if let index { left.remove(at: index) } else { missing.append(sample) }
        }
        let all = missing.map { ("-", $0) } + left.map { ("+", $0) }
        return all.sorted { ($0.1.labels, $1.0) < ($1.1.labels, $0.0) }.map { mark, sample in
            "\(mark) \(sample.labels) \(GoFloat.shortest(sample.value))"
        }
    }

    /// Empty where both are the same in any order.
    static func lines(
        expected: [RuleTestFile.ExpectedSample],
        got: [(labels: Labels, histogram: TestHistogram)]
    ) -> [String] {
        var left = got
        var lines: [String] = []
        for sample in expected {
            let index = left.firstIndex { $0.labels == sample.labels && $0.histogram == sample.histogram }
            if let index {
                left.remove(at: index)
            } else {
                lines.append("- \(sample.labels) \(sample.histogram.map { "\($0)" } ?? GoFloat.shortest(sample.value))")
            }
        }
        return lines + left.map { "+ \($0.labels) \($0.histogram)" }
    }

    /// Empty where both are the same in any order.
    static func lines(expected: [RuleTestFile.ExpectedAlert], got: [RuleTestFile.ExpectedAlert]) -> [String] {
        var left = got
        var missing: [RuleTestFile.ExpectedAlert] = []
        for alert in expected {
            if let index = left.firstIndex(of: alert) { left.remove(at: index) } else { missing.append(alert) }
        }
        var lines: [String] = []
        for alert in missing {
            // The same alert with other annotations is shown once, with what differs.
            guard let index = left.firstIndex(where: { $0.labels == alert.labels }) else {
                lines.append("- \(alert.labels)")
                lines += alert.annotations.pairs.map { "-     \($0.name): \($0.value)" }
                continue
            }
            let other = left.remove(at: index)
            lines.append("  \(alert.labels)")
            lines += annotationLines(expected: alert.annotations, got: other.annotations)
        }
        for alert in left {
            lines.append("+ \(alert.labels)")
            lines += alert.annotations.pairs.map { "+     \($0.name): \($0.value)" }
        }
        return lines
    }

    private static func annotationLines(expected: Labels, got: Labels) -> [String] {
        let names = Set(expected.pairs.map(\.name)).union(got.pairs.map(\.name)).sorted()
        return names.flatMap { name -> [String] in
            if expected[name] == got[name] { return [] }
            let wanted = expected[name].map { "-     \(name): \($0)" }
            let there = got[name].map { "+     \(name): \($0)" }
            return [wanted, there].compactMap(\.self)
        }
    }

    /// NaN equals NaN: promtool has no way to expect one.
    private static func isEqual(_ left: Double, _ right: Double, isFuzzy: Bool) -> Bool {
        if left == right || (left.isNaN && right.isNaN) { return true }
        return isFuzzy && (left.nextUp == right || left.nextDown == right)
    }
}
