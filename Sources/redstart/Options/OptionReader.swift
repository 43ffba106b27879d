import Configuration

/// Reads a command's options as Go does, from the command line and from the environment.
///
/// One dash or two, `-name=value` or `-name value`, toggles alone or `-name=false`. Words may stand anywhere between;
/// after `--` all are words.
struct OptionReader: Sendable {
    /// Where values come from, the weaker first.
    enum Source: Sendable {
        case environment(variable: String)
        case commandLine
    }

    /// The values of one option from one source.
    struct Assignment: Sendable {
        let row: OptionRow
        let source: Source
        var texts: [String]
    }

    /// What was asked for.
    enum Request: Sendable {
        case help
        case version
        case run(OptionAssignments)
    }

    let command: OptionRow.Command
    /// The options of the command by name.
    private let rows: [String: OptionRow]

    /// Reads the options of one command.
    init(_ command: OptionRow.Command, table: [OptionRow] = OptionTable.all) {
        self.command = command
        let named = table.filter { $0.commands.contains(command) }.flatMap { row in
            [(row.name, row)] + (row.alias.map { [($0, row)] } ?? [])
        }
        rows = Dictionary(named) { first, _ in first }
    }

    /// Reads the words behind the name of the command.
    ///
    /// - Parameter environment: The value of a variable, `nil` where it is not set.
    func read(_ words: [String], environment: (String) -> String?) throws(InvalidOption) -> Request {
        var given: [String: [String]] = [:]
        var targets: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                targets += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                targets.append(word)
                continue
            }
            let text = word.dropFirst(word.hasPrefix("--") ? 2 : 1)
            let equals = text.firstIndex(of: "=")
            let name = String(text[..<(equals ?? text.endIndex)])
            let value = equals.map { String(text[text.index(after: $0)...]) }
            if ["help", "h"].contains(name) { return .help }
            if name == "version", Bool(optionText: value ?? "true") == true { return .version }
            guard let row = rows[name] else { throw unknown(name) }
            given[row.name, default: []].append(try self.value(of: row, value, &rest))
        }
        return .run(
            OptionAssignments(targets: targets, assignments: assignments(given: given, environment: environment))
        )
    }

    private func value(
        of row: OptionRow,
        _ value: String?,
        _ rest: inout ArraySlice<String>
    ) throws(InvalidOption) -> String {
        if let value { return value }
        if row.argument == .toggle { return "true" }
        guard let next = rest.popFirst() else { throw InvalidOption("--\(row.name) needs a value: \(row.usage)") }
        return next
    }

    private func assignments(
        given: [String: [String]],
        environment: (String) -> String?
    ) -> [Assignment] {
        var assignments: [Assignment] = []
        for (name, row) in rows.sorted(by: { $0.key < $1.key }) where name == row.name {
            if let texts = given[row.name] {
                assignments.append(Assignment(row: row, source: .commandLine, texts: texts))
            } else if let variable = row.variable, let text = environment(variable) {
                // An empty address asks for no server; whatever else is empty is not given.
                guard !text.isEmpty || variable == "REDIS_ADDR" else { continue }
                assignments.append(Assignment(row: row, source: .environment(variable: variable), texts: [text]))
            }
        }
        return assignments
    }

    private func unknown(_ name: String) -> InvalidOption {
        let known = rows.keys.filter { Spelling.isClose($0, name) }.sorted()
        let hint = known.isEmpty ? "" : "; did you mean \(known.map { "--\($0)" }.joined(separator: " or "))?"
        return InvalidOption("unknown option --\(name)\(hint) 'redstart \(command.rawValue) --help' lists all")
    }
}

/// Values of options that are read and not yet taken over, so that a configuration file can come in between.
struct OptionAssignments: Sendable {
    /// The words that are no options.
    let targets: [String]
    let assignments: [OptionReader.Assignment]

    /// Sets the options that were given.
    ///
    /// A variable with a toggle or a number that cannot be read is passed over, as redis_exporter does it; what was
    /// passed over is returned, a line for each.
    @discardableResult
    func apply(to options: inout Options) throws(InvalidOption) -> [String] {
        if !targets.isEmpty { options.targets = targets }
        var warnings: [String] = []
        for assignment in assignments {
            let row = assignment.row
            do throws(OptionProblem) {
                try row.assign(&options, assignment.texts)
                options.shownValues[row.name] = row.shown(assignment.texts)
            } catch {
                let shown = row.isSecret ? "the value" : "'\(assignment.texts.last ?? "")'"
                switch assignment.source {
                case .commandLine:
                    throw InvalidOption("--\(row.name): \(shown) \(error.text)")
                case .environment(let variable):
                    let problem = "variable \(variable): \(shown) \(error.text)"
                    guard row.ignoresBadVariable else { throw InvalidOption(problem) }
                    warnings.append("\(problem); the default is used")
                }
            }
        }
        return warnings
    }
}

/// A mistake in the options.
struct InvalidOption: Error, CustomStringConvertible {
    /// One line: which option, what is wrong, what was expected; never with a secret.
    let description: String

    init(_ text: String) {
        description = Redaction.withoutCredentials(text)
    }
}

/// How alike two names are.
enum Spelling {
    /// Whether somebody may have meant one name and written the other.
    static func isClose(_ known: String, _ written: String) -> Bool {
        let (one, two) = (Array(known.utf8), Array(written.lowercased().utf8.prefix(64)))
        return distance(one, two) <= (min(one.count, two.count) < 6 ? 1 : 2)
    }

    /// The number of bytes to add, leave out or change.
    private static func distance(_ one: [UInt8], _ two: [UInt8]) -> Int {
        var row = Array(0...two.count)
        for (i, left) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in two.enumerated() {
                let changed = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[two.count]
    }
}
