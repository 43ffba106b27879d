/// A command for the server: its name and arguments, as bytes.
public struct Command: Sendable, Hashable {
    /// The name first.
    public let arguments: [[UInt8]]

    /// A command of words: `Command("CONFIG", "GET", "maxmemory")`.
    public init(_ words: String...) {
        arguments = words.map { Array($0.utf8) }
    }

    /// A command with arguments of any bytes.
    ///
    /// - Parameter arguments: The name first.
    public init(arguments: [[UInt8]]) {
        self.arguments = arguments
    }

    /// The first word.
    public var name: String {
        arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Appends the command as the server reads it: an array of bulk strings.
    func encode(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "*"))
        bytes.append(contentsOf: String(arguments.count).utf8)
        bytes.append(contentsOf: Self.lineEnd)
        for argument in arguments {
            bytes.append(UInt8(ascii: "$"))
            bytes.append(contentsOf: String(argument.count).utf8)
            bytes.append(contentsOf: Self.lineEnd)
            bytes.append(contentsOf: argument)
            bytes.append(contentsOf: Self.lineEnd)
        }
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
}
