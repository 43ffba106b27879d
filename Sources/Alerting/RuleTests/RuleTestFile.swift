import Metrics
import Outbound
import PromQL
import YAML

/// A unit-test file of `promtool test rules`.
struct RuleTestFile {
    struct Group {
        let name: String
        /// The interval of the input's values.
        let interval: Int64
        let input: [Input]
        let alertCases: [AlertCase]
        let queryCases: [QueryCase]
        let externalLabels: Labels
        let externalURL: String
        /// The time of the first value and the zero of all `eval_time`s, milliseconds since 1970.
        let start: Int64
    }

    struct Input {
        let labels: Labels
        var samples: [SeriesDescription.Sample] = []
        /// Empty unless the values are native histograms.
        var histograms: [HistogramSeries.Sample] = []
    }

    struct AlertCase {
        let time: Int64
        let name: String
        let expected: [ExpectedAlert]
        let location: YAMLLocation
    }

    struct ExpectedAlert: Equatable {
        let labels: Labels
        let annotations: Labels
    }

    struct QueryCase {
        let expression: String
        let time: Int64
        let expected: [ExpectedSample]
        let location: YAMLLocation
    }

    struct ExpectedSample {
        let labels: Labels
        let value: Double
        let histogram: TestHistogram?
    }

    let path: String
    let ruleFiles: [String]
    let evaluationInterval: Int64
    let groupOrder: [String]
    let usesFuzzyComparison: Bool
    let groups: [Group]

    /// Reads a file; what it says of rule files is relative to its folder.
    init(_ bytes: [UInt8], path: String) throws(AlertingError) {
        do throws(YAMLError) {
            guard let root = try YAMLDocument.parse(bytes, file: path) else {
                let place = YAMLLocation(file: path, line: 1, column: 1)
                throw YAMLError(at: place, "the file is empty", expected: "tests")
            }
            self = try Self.read(root, path: path)
        } catch {
            throw .invalidFiles([FileProblem(error, in: SourceText(bytes))])
        }
    }

    private init(
        path: String,
        ruleFiles: [String],
        evaluationInterval: Int64,
        groupOrder: [String],
        usesFuzzyComparison: Bool,
        groups: [Group]
    ) {
        self.path = path
        self.ruleFiles = ruleFiles
        self.evaluationInterval = evaluationInterval
        self.groupOrder = groupOrder
        self.usesFuzzyComparison = usesFuzzyComparison
        self.groups = groups
    }

    private static func read(_ root: YAMLNode, path: String) throws(YAMLError) -> RuleTestFile {
        try root.read("a rule test file") { (fields) throws(YAMLError) in
            let files = try fields.optional("rule_files")?.strings() ?? []
            let written = try fields.optional("evaluation_interval")?.prometheusDuration() ?? 0
            let interval = written == 0 ? 60_000 : written
            let orderNode = fields.optional("group_eval_order")
            let order = try orderNode?.strings() ?? []
            if let orderNode, Set(order).count != order.count {
                throw orderNode.error("a group is named twice in the order of evaluation", expected: "each name once")
            }
            let isFuzzy = try fields.optional("fuzzy_compare")?.boolean() ?? false
            var groups: [Group] = []
            for (index, node) in try (fields.optional("tests")?.items("a list of tests") ?? []).enumerated() {
                groups.append(try group(node, index: index, defaultInterval: interval))
            }
            return RuleTestFile(
                path: path,
                ruleFiles: files.map { FileReading.path($0, besides: path) },
                evaluationInterval: interval,
                groupOrder: order,
                usesFuzzyComparison: isFuzzy,
                groups: groups
            )
        }
    }

    private static func group(
        _ node: YAMLNode,
        index: Int,
        defaultInterval: Int64
    ) throws(YAMLError) -> Group {
        try node.read("a test") { (fields) throws(YAMLError) in
            let interval = try fields.optional("interval")?.prometheusDuration() ?? 0
            let name = try fields.optional("name")?.string("the name of the test") ?? ""
            var input: [Input] = []
            for item in try fields.optional("input_series")?.items("a list of series") ?? [] {
                input.append(try self.input(item))
            }
            var alertCases: [AlertCase] = []
            for item in try fields.optional("alert_rule_test")?.items("a list of alert tests") ?? [] {
                alertCases.append(try alertCase(item))
            }
            var queryCases: [QueryCase] = []
            for item in try fields.optional("promql_expr_test")?.items("a list of expression tests") ?? [] {
                queryCases.append(try queryCase(item))
            }
            return Group(
                name: name.isEmpty ? "#\(index)" : name,
                interval: interval == 0 ? defaultInterval : interval,
                input: input,
                alertCases: alertCases,
                queryCases: queryCases,
                externalLabels: try fields.optional("external_labels")?.labels() ?? Labels(),
                externalURL: try fields.optional("external_url")?.string("an address") ?? "",
                start: try fields.optional("start_timestamp")?.startTimestamp() ?? 0
            )
        }
    }

    private static func input(_ node: YAMLNode) throws(YAMLError) -> Input {
        let fields = try node.read("an input series") { (fields) throws(YAMLError) in
            (series: try fields.required("series"), values: fields.optional("values"))
        }
        let series = try fields.series.string("a series such as up{job=\"a\"}")
        let values = try fields.values?.string("values such as 1 2+3x4 _ stale") ?? ""
        do {
            let labels = try SeriesDescription.labels(parsing: series)
            guard values.contains("{{") else {
                return Input(labels: labels, samples: try SeriesDescription.samples(parsing: values))
            }
            return Input(labels: labels, histograms: try histograms(values))
        } catch {
            throw fields.series.error("the series cannot be read: \(error)")
        }
    }

    private static func histograms(_ text: String) throws(QueryError) -> [HistogramSeries.Sample] {
        do throws(TestHistogram.Malformed) {
            return try HistogramSeries(parsing: text).samples
        } catch {
            throw .badData(error.message)
        }
    }

    private static func alertCase(_ node: YAMLNode) throws(YAMLError) -> AlertCase {
        try node.read("an alert test") { (fields) throws(YAMLError) in
            let name = try fields.required("alertname").string("the name of an alert")
            if name.isEmpty { throw node.error("an alert test has no `alertname`", expected: "the name of an alert") }
            var expected: [ExpectedAlert] = []
            for item in try fields.optional("exp_alerts")?.items("a list of alerts") ?? [] {
                let alert = try item.read("an expected alert") { (fields) throws(YAMLError) in
                    ExpectedAlert(
                        labels: (try fields.optional("exp_labels")?.labels() ?? Labels()).setting("alertname", name),
                        annotations: try fields.optional("exp_annotations")?.labels() ?? Labels()
                    )
                }
                expected.append(alert)
            }
            return AlertCase(
                time: try fields.optional("eval_time")?.prometheusDuration() ?? 0,
                name: name,
                expected: expected,
                location: node.location
            )
        }
    }

    private static func queryCase(_ node: YAMLNode) throws(YAMLError) -> QueryCase {
        try node.read("an expression test") { (fields) throws(YAMLError) in
            var expected: [ExpectedSample] = []
            for item in try fields.optional("exp_samples")?.items("a list of samples") ?? [] {
                expected.append(try sample(item))
            }
            return QueryCase(
                expression: try fields.required("expr").string("a PromQL expression"),
                time: try fields.optional("eval_time")?.prometheusDuration() ?? 0,
                expected: expected,
                location: node.location
            )
        }
    }

    private static func sample(_ node: YAMLNode) throws(YAMLError) -> ExpectedSample {
        let fields = try node.read("an expected sample") { (fields) throws(YAMLError) in
            (
                labels: fields.optional("labels"),
                value: try fields.optional("value")?.double() ?? 0,
                histogram: fields.optional("histogram")
            )
        }
        let text = try fields.labels?.string("labels such as up{job=\"a\"}") ?? ""
        let histogram = try fields.histogram?.histogram()
        do {
            let labels = text.isEmpty ? Labels() : try SeriesDescription.labels(parsing: text)
            return ExpectedSample(labels: labels, value: fields.value, histogram: histogram)
        } catch {
            throw (fields.labels ?? node).error("the labels cannot be read: \(error)")
        }
    }
}

extension YAMLNode {
    fileprivate func strings() throws(YAMLError) -> [String] {
        var result: [String] = []
        for item in try items("a list of texts") { result.append(try item.string()) }
        return result
    }

    fileprivate func labels() throws(YAMLError) -> Labels {
        var builder = LabelsBuilder()
        for entry in try entries("a mapping of names to texts") {
            builder.set(entry.key, try entry.value.string())
        }
        return builder.labels()
    }

    fileprivate func histogram() throws(YAMLError) -> TestHistogram {
        let text = try string("a histogram such as {{sum:3 count:2 buckets:[2]}}")
        do throws(TestHistogram.Malformed) {
            return try TestHistogram(text)
        } catch {
            throw self.error("the histogram cannot be read: \(error.message)")
        }
    }

    /// Seconds since 1970 or a time such as `2024-01-01T00:00:00Z`, as milliseconds.
    fileprivate func startTimestamp() throws(YAMLError) -> Int64 {
        let text = try string("a time")
        if let seconds = Double(text), let value = Int64(exactly: (seconds * 1000).rounded()) { return value }
        if let time = GoTime(rfc3339: text) { return time.milliseconds }
        throw error("`\(text)` is not a time", expected: "seconds since 1970 or one such as 2024-01-01T00:00:00Z")
    }
}
