public import YAML

/// Why rule files or rule tests cannot be used.
public enum AlertingError: Error, Sendable, CustomStringConvertible {
    /// Everything that is wrong in the files, in the order of the files.
    case invalidFiles([FileProblem])
    /// A file that cannot be read, and the reason of the system.
    case unreadable(file: String, reason: String)

    /// One paragraph per problem.
    public var description: String {
        switch self {
        case .invalidFiles(let problems): problems.map(\.description).joined(separator: "\n")
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        }
    }
}

/// One mistake in a file and the line it stands in.
public struct FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The mistake and its place.
    public let error: YAMLError
    /// The line of the file, empty where it is not known.
    public let sourceLine: String

    init(_ error: YAMLError, in source: SourceText) {
        self.error = error
        sourceLine = source.line(error.location.line) ?? ""
    }

    /// The mistake, the line, and a caret below the place.
    public var description: String {
        // Long lines are left out: the caret would be out of sight.
        guard !sourceLine.isEmpty, sourceLine.utf8.count <= 200 else { return error.description }
        let indent = sourceLine.prefix(max(0, error.location.column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
        return "\(error)\n    \(sourceLine)\n    \(indent)^"
    }
}

/// The text of a file, to show lines of it and to find out where in it a value stands.
struct SourceText {
    private let lines: [Substring]

    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.last == "\r" ? line.dropLast() : line
        }
    }

    /// A line, from 1.
    func line(_ number: Int) -> String? {
        number >= 1 && number <= lines.count ? String(lines[number - 1]) : nil
    }

    /// Where in the file the byte of a scalar's text stands; the start of the scalar where that cannot be told.
    func location(ofByte offset: Int, in node: YAMLNode) -> YAMLLocation {
        guard case .scalar(let scalar) = node.content else { return node.location }
        let before = String(decoding: scalar.text.utf8.prefix(offset), as: UTF8.self)
        let row = before.utf8.count { $0 == UInt8(ascii: "\n") }
        let column = before.split(separator: "\n", omittingEmptySubsequences: false).last?.count ?? 0
        let start = node.location
        if scalar.isLiteralBlock {
            let first = scalar.text.split(separator: "\n", omittingEmptySubsequences: false)[row]
            guard let line = line(start.line + 1 + row), line.hasSuffix(first) else { return start }
            let indent = line.count - first.count
            return YAMLLocation(file: start.file, line: start.line + 1 + row, column: indent + column + 1)
        }
        guard row == 0, let line = line(start.line) else { return start }
        let shown = line.dropFirst(start.column - 1)
        for quote in ["", "'", "\""] where shown.hasPrefix(quote + scalar.text) {
            return YAMLLocation(file: start.file, line: start.line, column: start.column + quote.count + column)
        }
        return start
    }
}
