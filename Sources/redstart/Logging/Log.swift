import Logging

/// The log of the daemon: a logger for each of its modules, all with one format.
struct Log: Sendable {
    let levels: CurrentLogLevels
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    /// - Parameter write: Gets whole lines.
    init(
        _ levels: LogLevels,
        format: LogFormat,
        write: @escaping @Sendable (String) -> Void = StandardError.write
    ) {
        self.levels = CurrentLogLevels(levels)
        self.format = format
        self.write = write
    }

    /// The logger of a module.
    func logger(_ module: LogModule) -> Logger {
        Logger(label: "redstart.\(module.rawValue)") { label in
            let base: any LogHandler =
                switch format {
                case .text: StreamLogHandler.standardError(label: label)
                case .json: FieldLogHandler(module: module.rawValue, line: LogLine.json, write: write)
                case .logfmt: FieldLogHandler(module: module.rawValue, line: LogLine.logfmt, write: write)
                }
            return ModuleLogHandler(module: module, levels: levels, base: base)
        }
    }
}

/// Writes the messages of one module whose level is the one in force or above.
private struct ModuleLogHandler: LogHandler {
    let module: LogModule
    let levels: CurrentLogLevels
    var base: any LogHandler
    /// What somebody has set for one logger alone.
    private var own: Logger.Level?

    init(module: LogModule, levels: CurrentLogLevels, base: any LogHandler) {
        self.module = module
        self.levels = levels
        self.base = base
    }

    var logLevel: Logger.Level {
        get { own ?? levels[module] }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        base.log(event: event)
    }
}
