/// A place in a YAML file, as a person counts: lines and columns start at 1.
public struct YAMLLocation: Hashable, Sendable, CustomStringConvertible {
    /// The name of the file as it was given, or what stands for it where the text came from elsewhere.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column in characters, from 1.
    public let column: Int

    /// Names a place.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The notation that editors and terminals make a link of: `file:line:column`.
    public var description: String {
        "\(file):\(line):\(column)"
    }
}
