/// Why a query has no result.
public enum QueryError: Error, Sendable, Equatable {
    /// The text is not PromQL, or its types do not fit; `range` counts bytes of UTF-8 in `query`.
    case parse(message: String, range: Range<Int>, query: String)
    /// A parameter beside the query is wrong.
    case badData(String)
    /// The query is well-formed, but has no result on this data.
    case execution(String)
    /// The query took longer than it may.
    case timeout(String)
    /// Whoever asked does not wait any more.
    case canceled(String)
    /// The query needs more samples at once than it may.
    case tooManySamples

    /// The `errorType` of the Prometheus HTTP API.
    public var errorType: String {
        switch self {
        case .parse, .badData: "bad_data"
        case .execution, .tooManySamples: "execution"
        case .timeout: "timeout"
        case .canceled: "canceled"
        }
    }

    /// What is wrong, without the position.
    public var message: String {
        switch self {
        case .parse(let message, _, _): message
        case .badData(let text), .execution(let text): text
        case .timeout(let place): "query timed out in \(place)"
        case .canceled(let place): "query was canceled in \(place)"
        case .tooManySamples: "query processing would load too many samples into memory in query execution"
        }
    }

    /// The text as Prometheus gives it, the line in question and a caret below it.
    ///
    /// Errors without a position have no more than their message.
    public var explanation: String {
        guard case .parse(_, let range, let query) = self else { return description }
        let bytes = Array(query.utf8)
        let start = min(max(range.lowerBound, 0), bytes.count)
        let newline = UInt8(ascii: "\n")
        let lineStart = bytes[..<start].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let lineEnd = bytes[start...].firstIndex(of: newline) ?? bytes.count
        // A long line is cut around the place, so that the caret stays in sight.
        let shownStart = max(lineStart, start - 60)
        let shownEnd = min(lineEnd, start + 60)
        let line = String(decoding: bytes[shownStart..<shownEnd], as: UTF8.self)
        let before = String(decoding: bytes[shownStart..<start], as: UTF8.self)
        let indent = String(before.map { $0 == "\t" ? "\t" : " " })
        let width = max(1, min(range.upperBound, shownEnd) - start)
        return "\(description)\n\(line)\n\(indent)\(String(repeating: "^", count: width))"
    }
}

extension QueryError: CustomStringConvertible {
    /// The text as Prometheus gives it, on one line: `1:5: parse error: unexpected end of input`.
    public var description: String {
        guard case .parse(let message, let range, let query) = self else { return message }
        return "\(TextPosition(of: range.lowerBound, in: query)): parse error: \(message)"
    }
}

/// Line and column of a byte offset, both from 1.
struct TextPosition: CustomStringConvertible {
    let line: Int
    let column: Int

    init(of offset: Int, in text: String) {
        var line = 1
        var column = 1
        for byte in text.utf8.prefix(max(0, offset)) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }

    var description: String { "\(line):\(column)" }
}
