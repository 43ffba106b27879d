import Logging
import Synchronization

/// A part of the program that has a log level of its own; the raw value is its name in options.
enum LogModule: String, Sendable, CaseIterable {
    case alerting, configuration, daemon, fleet, notifications
    case remoteWrite = "remote_write"
    case state, traces, web
}

/// What `--log-level` takes: a level, and others for single modules: `info,fleet=debug`.
struct LogLevels: OptionValue, Equatable {
    var standard = LogLevel.info
    var modules: [LogModule: LogLevel] = [:]

    static var expected: String {
        let names = LogModule.allCases.map(\.rawValue).joined(separator: ", ")
        return "\(LogLevel.expected), nor a list such as info,fleet=debug with the modules \(names)"
    }

    init() {}

    init?(optionText: String) {
        var isStandardGiven = false
        for part in optionText.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { word in
                String(word.filter { $0 != " " })
            }
            guard let level = LogLevel(optionText: words.last ?? "") else { return nil }
            if words.count == 1 {
                guard !isStandardGiven else { return nil }
                isStandardGiven = true
                standard = level
            } else {
                guard let module = LogModule(rawValue: words[0].lowercased()), modules[module] == nil else {
                    return nil
                }
                modules[module] = level
            }
        }
    }

    var optionText: String {
        let own = LogModule.allCases.compactMap { module in
            modules[module].map { "\(module.rawValue)=\($0.rawValue)" }
        }
        return ([standard.rawValue] + own).joined(separator: ",")
    }

    /// The levels with all messages at least that are useful to find a fault.
    var withDebug: LogLevels {
        var levels = self
        if standard.loggerLevel > .debug { levels.standard = .debug }
        return levels
    }
}

/// The levels in force, which a reload may change.
final class CurrentLogLevels: Sendable {
    private let levels: Mutex<LogLevels>

    init(_ levels: LogLevels) {
        self.levels = Mutex(levels)
    }

    func replace(with new: LogLevels) {
        levels.withLock { $0 = new }
    }

    subscript(module: LogModule) -> Logger.Level {
        levels.withLock { ($0.modules[module] ?? $0.standard).loggerLevel }
    }
}
