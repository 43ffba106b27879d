import Files
import YAML

/// What `redstart.yml` says.
public struct ConfigurationFile: Sendable {
    /// What to watch.
    public var targets: [TargetEntry] = []
    /// What holds for targets that do not say.
    public var defaults = TargetSettings()
    /// What options of the command line say, too.
    public var daemon = DaemonSettings()
    /// What it says of options that only the program knows.
    public var options: [OptionSetting] = []
    /// Who is told of alerts, and which alerts are changed.
    public var alerting = AlertingSections()
    /// Where samples are written, too.
    public var remoteWrite = RemoteWriteSections()

    /// Says nothing.
    public init() {}

    /// The top of the file: a section is a property above, a method of `ValueReader` that reads it, and a line here.
    static let keys = KeyTable<ConfigurationFile>(
        [
            Key("targets", \.targets, ValueReader.targets),
            Key("defaults", \.defaults, ValueReader.targetDefaults),
        ] + DaemonSettings.keys.map { Key($0, of: \.daemon) } + AlertingSections.keys.map { Key($0, of: \.alerting) }
            + RemoteWriteSections.keys.map { Key($0, of: \.remoteWrite) }
    )

    /// The keys that the file has by itself.
    public static var keyNames: [String] {
        keys.keys.map(\.name)
    }

    /// A file written by a person is much smaller.
    private static let maximumSize = 8 << 20

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - options: Further keys, whose values are in `options` then.
    ///   - environment: The value of a variable, for `${NAME}`.
    public init(
        path: String,
        options: [OptionKey] = [],
        environment: @escaping (String) -> String?
    ) throws(ConfigurationError) {
        let bytes: [UInt8]
        do {
            bytes = try FileContents.read(path, limit: Self.maximumSize)
        } catch {
            throw .unreadable(error)
        }
        try self.init(bytes, path: path, options: options, environment: environment)
    }

    /// Reads a text that stands in a file.
    init(
        _ bytes: [UInt8],
        path: String,
        options: [OptionKey] = [],
        environment: @escaping (String) -> String?
    ) throws(ConfigurationError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        do {
            // Aliases could make a small file a large one.
            let limits = YAMLLimits(bytes: Self.maximumSize, depth: 32, nodes: 500_000)
            guard let root = try YAMLDocument.parse(bytes, file: path, limits: limits) else { return }
            try KeyTable(Self.keys.keys + options.map { Key($0) }).read(
                try EnvironmentReferences(lookUp: environment).resolved(in: root),
                "the configuration",
                with: ValueReader(directory: directory),
                into: &self
            )
        } catch {
            throw .invalid(error)
        }
    }
}
