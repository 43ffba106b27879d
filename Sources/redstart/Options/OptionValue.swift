import Configuration
import HTTPServer
import Logging
import Metrics
import RedisClient

/// What an option's text can be read as.
protocol OptionValue: Sendable {
    /// What is expected, as it stands behind "is not".
    static var expected: String { get }

    /// Reads the text; `nil` where it is something else.
    init?(optionText: String)

    /// The value as text, for the help.
    var optionText: String { get }
}

extension String: OptionValue {
    static var expected: String { "a text" }

    init?(optionText: String) {
        self = optionText
    }

    var optionText: String { self }
}

extension Bool: OptionValue {
    static var expected: String { "true or false" }

    /// What Go's `strconv.ParseBool` takes.
    init?(optionText: String) {
        switch optionText {
        case "1", "t", "T", "true", "TRUE", "True": self = true
        case "0", "f", "F", "false", "FALSE", "False": self = false
        default: return nil
        }
    }

    var optionText: String { description }
}

extension Int: OptionValue {
    static var expected: String { "a whole number, not negative" }

    init?(optionText: String) {
        guard let number = Int(optionText), number >= 0 else { return nil }
        self = number
    }

    var optionText: String { description }
}

extension Double: OptionValue {
    static var expected: String { "a number from 0 to 1" }

    /// Reads a share.
    init?(optionText: String) {
        guard let number = Double(optionText), (0...1).contains(number) else { return nil }
        self = number
    }

    var optionText: String { description }
}

extension Duration: OptionValue {
    static var expected: String { "a duration such as 500ms, 15s or 1h30m" }

    init?(optionText: String) {
        guard let duration = DurationNotation.duration(optionText) else { return nil }
        self = duration
    }

    var optionText: String { DurationNotation.text(self) }
}

extension Secret: OptionValue {
    static var expected: String { "a password" }

    init?(optionText: String) {
        self.init(optionText)
    }

    /// Nothing: a secret is never shown.
    var optionText: String { "" }
}

extension ExpositionNamespace: OptionValue {
    static var expected: String { "a word of letters, digits and underscores" }

    init?(optionText: String) {
        self.init(optionText)
    }

    var optionText: String { word }
}

extension ListenAddress: OptionValue {
    static var expected: String { "an address to listen on such as 127.0.0.1:9121, [::1]:9121 or :9121" }

    init?(optionText: String) {
        guard let address = try? ListenAddress(parsing: optionText) else { return nil }
        self = address
    }

    var optionText: String { description }
}

/// An option that takes one of a few words.
protocol OptionChoice: OptionValue, RawRepresentable, CaseIterable where RawValue == String {
    /// Other ways to write the words, in lower case.
    static var synonyms: [String: Self] { get }
}

extension OptionChoice {
    static var synonyms: [String: Self] { [:] }

    static var expected: String {
        "one of " + allCases.map(\.rawValue).joined(separator: ", ")
    }

    init?(optionText: String) {
        let word = optionText.lowercased()
        guard let choice = Self.allCases.first(where: { $0.rawValue.lowercased() == word }) ?? Self.synonyms[word]
        else { return nil }
        self = choice
    }

    var optionText: String { rawValue }
}

/// A level of `--log-level`.
enum LogLevel: String, OptionChoice {
    case trace, debug, info, notice, warning, error, critical

    /// The words of logrus, which redis_exporter has.
    static let synonyms: [String: LogLevel] = ["warn": .warning, "fatal": .critical, "panic": .critical]

    var loggerLevel: Logger.Level {
        Logger.Level(rawValue: rawValue) ?? .info
    }
}

/// What `--log-format` takes.
enum LogFormat: String, OptionChoice {
    case text = "txt"
    case json, logfmt

    static let synonyms: [String: LogFormat] = ["text": .text]
}

/// What `--tls-server-min-version` takes.
enum TLSVersionOption: String, OptionChoice {
    case tls10 = "TLS1.0"
    case tls11 = "TLS1.1"
    case tls12 = "TLS1.2"
    case tls13 = "TLS1.3"
}
