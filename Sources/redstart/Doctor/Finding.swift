import Configuration

/// One thing that `redstart doctor` has looked at, and how it is.
struct Finding: Sendable, Equatable {
    /// How bad it is.
    enum Level: Int, Sendable, Comparable, CaseIterable {
        case ok, warning, error

        var word: String {
            switch self {
            case .ok: "ok"
            case .warning: "warning"
            case .error: "error"
            }
        }

        static func < (one: Level, other: Level) -> Bool {
            one.rawValue < other.rawValue
        }
    }

    /// What was looked at.
    enum Topic: String, Sendable {
        case server, tls, rights, settings, clock, limits, receiver, traces, state, rules, port
        case remoteWrite = "remote_write"
    }

    let level: Level
    let topic: Topic
    /// Where: a server, a folder, an address.
    let place: String
    /// What was found.
    let message: String
    /// What to do about it; empty where nothing is to be done.
    let advice: String

    init(_ level: Level, _ topic: Topic, _ place: String, _ message: String, advice: String = "") {
        self.level = level
        self.topic = topic
        self.place = Self.shown(place)
        self.message = Self.shown(message)
        self.advice = Self.shown(advice)
    }

    /// What a server or file says may hold anything.
    private static func shown(_ text: String) -> String {
        TextTable.oneLine(Redaction.withoutCredentials(text))
    }
}

/// What `redstart doctor` has found.
struct DoctorReport: Sendable {
    /// In the order in which it is shown: the worst first.
    let findings: [Finding]

    init(_ findings: [Finding]) {
        let indexed = findings.enumerated().sorted { one, other in
            (-one.element.level.rawValue, one.offset) < (-other.element.level.rawValue, other.offset)
        }
        self.findings = indexed.map(\.element)
    }

    /// The exit code is that of `redstart check`.
    var verdict: CheckReport.Verdict {
        switch findings.map(\.level).max() ?? .ok {
        case .ok: .ok
        case .warning: .warning
        case .error: .critical
        }
    }

    /// A line for each finding, and one that counts them.
    var text: String {
        let rows = findings.map { finding in
            let advice = finding.advice.isEmpty ? "" : ". \(finding.advice)"
            return [finding.level.word, finding.topic.rawValue, finding.place, finding.message + advice]
        }
        let counts = Finding.Level.allCases.reversed().map { level in
            "\(findings.count { $0.level == level }) \(level.word)"
        }
        return (TextTable.render(rows) + [counts.joined(separator: ", ")]).joined(separator: "\n") + "\n"
    }
}
