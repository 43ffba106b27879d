import Configuration
import HTTPClient
import RedisCollectors
import RedisFleet

/// One option: its name, its variable, what it does, and all that help, man page and documentation say of it.
struct OptionRow: Sendable {
    /// A command that takes options of the table.
    enum Command: String, Sendable, CaseIterable {
        case serve, check, metrics, discover, doctor
    }

    /// Under which heading an option is listed, in the order of the help.
    enum Section: String, Sendable, CaseIterable {
        case servers = "Servers"
        case connections = "Connections"
        case collecting = "What is collected"
        case keys = "Keys, streams and scripts"
        case polls = "Polls, history and rules"
        case queries = "Queries"
        case web = "HTTP"
        case notifications = "Messages about alerts"
        case state = "State and log"
        case check = "Output"
        case compatibility = "redis_exporter compatibility (accepted, without effect)"
    }

    /// What follows the name.
    enum Argument: Sendable, Equatable {
        /// Nothing, or `=true` and `=false`.
        case toggle
        /// One value, described by a word; the last one given counts.
        case value(String)
        /// One value, described by a word; all that are given count.
        case values(String)
    }

    /// The name without dashes.
    let name: String
    /// Another name that means the same; `nil` for none.
    let alias: String?
    /// The variable of the environment; `nil` for none.
    let variable: String?
    let argument: Argument
    /// The default as it is shown; empty where there is none.
    let defaultText: String
    let help: String
    let section: Section
    let commands: Set<Command>
    /// Whether the value must not be shown.
    let isSecret: Bool
    /// Whether this is an option of redis_exporter.
    let isInherited: Bool
    /// Takes the values over, those of one source in their order.
    let assign: @Sendable (inout Options, [String]) throws(OptionProblem) -> Void

    /// Whether a variable with a value that cannot be read is passed over, as redis_exporter does it.
    var ignoresBadVariable: Bool {
        isInherited && (argument == .toggle || argument == .value("number"))
    }

    /// The values as they may be shown to everyone.
    func shown(_ texts: [String]) -> String {
        if isSecret { return "<secret>" }
        // Whoever knows the path of a webhook can write there.
        if argument == .values("url") {
            return texts.map { (try? HTTPURL($0))?.origin ?? "<url>" }.joined(separator: ",")
        }
        let text = argument == .toggle ? Bool(optionText: texts.last ?? "")?.description : nil
        return Redaction.withoutCredentials(text ?? texts.joined(separator: ","))
    }

    /// Whether the option is accepted only for the sake of those who come from redis_exporter.
    var hasEffect: Bool {
        section != .compatibility
    }
}

/// What is wrong with a value.
struct OptionProblem: Error {
    /// What stands behind the value: `is not a duration such as 15s`.
    let text: String

    /// The value is not what was expected: `a duration such as 15s`.
    init(expected: String) {
        text = "is not \(expected)"
    }

    /// The value is wrong for the reason given.
    init(_ reason: String) {
        text = "cannot be used: \(reason)"
    }
}

// MARK: - Kinds of options

/// What a row has beside its name and its effect.
struct OptionTraits: Sendable {
    var variable: String?
    var section: OptionRow.Section
    var commands: Set<OptionRow.Command>
    var isInherited: Bool
    var alias: String?

    /// An option of Redstart's own; its variable follows from the name.
    static func own(
        _ section: OptionRow.Section,
        _ commands: Set<OptionRow.Command> = [.serve],
        alias: String? = nil,
        variable: String? = nil
    ) -> OptionTraits {
        OptionTraits(variable: variable, section: section, commands: commands, isInherited: false, alias: alias)
    }

    /// An option of redis_exporter with its variable.
    static func inherited(
        _ section: OptionRow.Section,
        _ variable: String,
        _ commands: Set<OptionRow.Command> = [.serve]
    ) -> OptionTraits {
        OptionTraits(variable: variable, section: section, commands: commands, isInherited: true)
    }

    /// `REDSTART_POLL_INTERVAL` for `poll-interval`.
    func variable(of name: String) -> String {
        variable ?? "REDSTART_" + String(name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
}

extension OptionRow {
    /// The option that asks for the version; whoever reads options sees to it.
    static let version = OptionRow(
        name: "version",
        alias: nil,
        variable: nil,
        argument: .toggle,
        defaultText: "",
        help: "Print the version and end.",
        section: .state,
        commands: Set(Command.allCases),
        isSecret: false,
        isInherited: true
    ) { (_, _) throws(OptionProblem) in }

    private init(
        _ name: String,
        _ argument: Argument,
        defaultText: String,
        isSecret: Bool = false,
        _ traits: OptionTraits,
        _ help: String,
        assign: @escaping @Sendable (inout Options, [String]) throws(OptionProblem) -> Void
    ) {
        self.name = name
        alias = traits.alias
        variable = traits.variable(of: name)
        self.argument = argument
        self.defaultText = defaultText
        self.help = help
        section = traits.section
        // It examines what the daemon would do.
        commands = traits.commands.contains(.serve) ? traits.commands.union([.doctor]) : traits.commands
        self.isSecret = isSecret
        isInherited = traits.isInherited
        self.assign = assign
    }

    /// An option that is on or off.
    static func toggle(
        _ name: String,
        _ path: any WritableKeyPath<Options, Bool> & Sendable,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        let isOn = Options()[keyPath: path]
        return OptionRow(name, .toggle, defaultText: isOn ? "true" : "", traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = try read(texts)
        }
    }

    /// An option with one value, which has a default.
    static func value<Value: OptionValue>(
        _ name: String,
        _ path: any WritableKeyPath<Options, Value> & Sendable,
        _ placeholder: String,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .value(placeholder), defaultText: Options()[keyPath: path].optionText, traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = try read(texts)
        }
    }

    /// An option with one value, whose default is applied where it is used; an empty value is none.
    static func optional<Value: OptionValue>(
        _ name: String,
        _ path: any WritableKeyPath<Options, Value?> & Sendable,
        _ placeholder: String,
        default defaultText: String = "",
        isSecret: Bool = false,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .value(placeholder), defaultText: defaultText, isSecret: isSecret, traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = texts.last == "" ? nil : try read(texts)
        }
    }

    /// A duration that must not be too short.
    static func duration(
        _ name: String,
        _ path: any WritableKeyPath<Options, Duration> & Sendable,
        atLeast minimum: Duration = .zero,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        let defaultText = Options()[keyPath: path].optionText
        return OptionRow(name, .value("duration"), defaultText: defaultText, traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = try read(texts, atLeast: minimum)
        }
    }

    /// The same where the default is applied where it is used.
    static func optionalDuration(
        _ name: String,
        _ path: any WritableKeyPath<Options, Duration?> & Sendable,
        atLeast minimum: Duration = .zero,
        default defaultText: String,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .value("duration"), defaultText: defaultText, traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = try read(texts, atLeast: minimum)
        }
    }

    /// An option that may be given several times.
    static func list(
        _ name: String,
        _ path: any WritableKeyPath<Options, [String]> & Sendable,
        _ placeholder: String,
        default defaultText: String = "",
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .values(placeholder), defaultText: defaultText, traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = texts
        }
    }

    /// A part of the targets.
    static func shard(
        _ name: String,
        _ path: any WritableKeyPath<Options, ShardNotation?> & Sendable,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .value("i/n"), defaultText: "", traits, help) {
            (options, texts) throws(OptionProblem) in
            do throws(InvalidShard) {
                options[keyPath: path] = texts.last == "" ? nil : try ShardNotation(texts.last ?? "")
            } catch {
                throw OptionProblem(error.message)
            }
        }
    }

    /// Keys of databases, as redis_exporter has them.
    static func keyList(
        _ name: String,
        _ path: any WritableKeyPath<Options, [KeySelector]> & Sendable,
        _ placeholder: String,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .value(placeholder), defaultText: "", traits, help) {
            (options, texts) throws(OptionProblem) in
            do throws(InvalidKeyList) {
                options[keyPath: path] = try KeySelector.list(texts.last ?? "")
            } catch {
                throw OptionProblem(error.message)
            }
        }
    }

    /// An option with several values in one text, separated by commas as in CSV; an empty text is none.
    static func commaList(
        _ name: String,
        _ path: any WritableKeyPath<Options, [String]> & Sendable,
        _ placeholder: String,
        _ traits: OptionTraits,
        _ help: String
    ) -> OptionRow {
        OptionRow(name, .value(placeholder), defaultText: "", traits, help) {
            (options, texts) throws(OptionProblem) in
            options[keyPath: path] = CommaList.values(texts.last ?? "")
        }
    }

    /// An option that is taken from those who come from redis_exporter, and does nothing.
    static func ignored(
        _ name: String,
        _ argument: Argument,
        default defaultText: String = "",
        _ variable: String,
        _ help: String
    ) -> OptionRow {
        let traits = OptionTraits.inherited(.compatibility, variable)
        return OptionRow(name, argument, defaultText: defaultText, traits, help) {
            (options, texts) throws(OptionProblem) in
            if argument == .toggle { _ = try read(texts) as Bool }
            options.withoutEffect.append(name)
        }
    }

    private static func read(_ texts: [String], atLeast minimum: Duration) throws(OptionProblem) -> Duration {
        let duration: Duration = try read(texts)
        guard duration >= minimum else { throw OptionProblem(expected: "at least \(minimum.optionText)") }
        return duration
    }

    /// The last text counts, as in Go.
    private static func read<Value: OptionValue>(_ texts: [String]) throws(OptionProblem) -> Value {
        guard let text = texts.last, let value = Value(optionText: text) else {
            throw OptionProblem(expected: Value.expected)
        }
        return value
    }
}

/// Values in one text, separated by commas; one with a comma stands in quotes, as in CSV.
enum CommaList {
    /// The values without the spaces around them; empty ones are left out.
    static func values(_ text: String) -> [String] {
        var values: [String] = []
        var value = ""
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                values.append(value)
                value = ""
            default: value.append(character)
            }
        }
        values.append(value)
        return values.map { String($0.trimmingPrefix { $0 == " " }) }.filter { !$0.isEmpty }
    }
}
