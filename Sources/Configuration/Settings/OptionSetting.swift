public import YAML

/// An option of the command line that the file may have as a key.
public struct OptionKey: Sendable, Hashable {
    /// The key: `include_config_metrics`.
    public let name: String
    /// Whether its values are paths, which are seen from the folder of the file.
    public let isPath: Bool

    /// Describes a key.
    public init(_ name: String, isPath: Bool) {
        self.name = name
        self.isPath = isPath
    }
}

/// What the file says of an option, to be read by those who know the option.
public struct OptionSetting: Sendable, Hashable {
    /// The key.
    public let key: String
    /// The values: one, or those of a list.
    public let texts: [String]
    /// Where the value stands.
    public let location: YAMLLocation

    /// An error at the value.
    public func error(_ problem: String) -> ConfigurationError {
        .invalid(YAMLError(at: location, problem))
    }
}

extension Key<ConfigurationFile> {
    /// The key of an option.
    init(_ key: OptionKey) {
        self.init(key.name) { (reader, node, file) throws(YAMLError) in
            var texts: [String] = []
            let values = if case .sequence(let items) = node.content { items } else { [node] }
            for value in values { texts.append(try key.isPath ? reader.path(value) : value.string()) }
            file.options.append(OptionSetting(key: key.name, texts: texts, location: node.location))
        }
    }
}
