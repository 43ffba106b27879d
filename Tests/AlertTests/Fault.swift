import Alerting
import BundledRules
import TestServers
import Testing

/// Something that is made on real servers and repaired, and the alert that is to tell of it.
struct Fault: Sendable {
    let alert: String
    /// Labels of the alert beside `severity` and `topic`.
    let labels: [String: String]
    /// What the description has to say.
    let text: String
    let make: @Sendable () async throws -> Void
    let repair: @Sendable () async throws -> Void

    init(
        _ alert: String,
        _ labels: [String: String],
        saying text: String = "",
        make: @escaping @Sendable () async throws -> Void,
        repair: @escaping @Sendable () async throws -> Void
    ) {
        self.alert = alert
        self.labels = labels
        self.text = text
        self.make = make
        self.repair = repair
    }

    /// The same fault makes another alert fire, too.
    init(_ alert: String, _ labels: [String: String], saying text: String = "") {
        self.init(alert, labels, saying: text, make: {}, repair: {})
    }

    /// The labels that the bundled rule of the alert gives it.
    private static let given: [String: [String: String]] = {
        var result: [String: [String: String]] = [:]
        for (name, bytes) in BundledRules.files {
            let groups = (try? RuleFiles().parse(bytes, file: name)) ?? []
            for rule in groups.flatMap(\.rules) {
                guard let alerting = rule.alerting else { continue }
                result[rule.name] = Dictionary(alerting.labels.map { ($0.name, $0.template.text) }) { $1 }
            }
        }
        return result
    }()

    var expected: [String: String] {
        labels.merging(Self.given[alert] ?? ["severity": "no such alert"]) { $1 }
    }

    func isTold(by other: FiringAlert) -> Bool {
        other.labels["alertname"] == alert && expected.allSatisfy { other.labels[$0.key] == $0.value }
            && (text.isEmpty || other.annotations["description"]?.contains(text) == true)
    }
}

extension RuledDaemon {
    /// Makes all faults, waits until each has had its alert, repairs them, and waits until all alerts have ended.
    func see(_ faults: [Fault], seconds: Int = 120) async throws {
        for fault in faults {
            #expect(try alerts(fault.alert, fault.labels).isEmpty, "\(fault.alert) fires before its fault")
        }
        // Some alerts end by themselves: all are looked for at the same time, and while others are made.
        async let making: Void = { for fault in faults { try await fault.make() } }()
        var missing = faults
        try? await eventually("all fire", seconds: seconds, every: .milliseconds(200)) {
            let firing = try alerts()
            missing.removeAll { fault in firing.contains { fault.isTold(by: $0) } }
            return missing.isEmpty
        }
        try await making
        for fault in missing {
            let others = (try? alerts().map { "\($0.labels)" }.joined(separator: "\n")) ?? ""
            Issue.record("\(fault.alert) has not fired with \(fault.expected) \(fault.text); there are:\n\(others)")
        }
        for fault in faults { try await fault.repair() }
        var left = faults
        try? await eventually("all end", seconds: seconds, every: .milliseconds(200)) {
            let firing = try alerts()
            left.removeAll { fault in !firing.contains { fault.isTold(by: $0) } }
            return left.isEmpty
        }
        for fault in left {
            let told = (try? alerts().first { fault.isTold(by: $0) }?.annotations["description"]) ?? ""
            let polls = try? query("time() - timestamp(redis_up)").map { "\($0.labels["instance"] ?? "") \($0.value)" }
            Issue.record(
                """
                \(fault.alert) has not ended: \(fault.expected): \(told)
                Seconds since the last polls: \(polls?.joined(separator: ", ") ?? "")
                """)
        }
    }
}
