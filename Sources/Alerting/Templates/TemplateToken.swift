import PromQL

/// One word of a template, with its place.
struct TemplateToken: Sendable {
    enum Kind: Equatable, Sendable {
        case text
        case leftDelimiter
        case rightDelimiter
        case space
        case identifier
        case field
        case variable
        case dot
        case string
        case rawString
        case number
        case character
        case bool
        case pipe
        case comma
        case declare
        case assign
        case leftParenthesis
        case rightParenthesis
        case otherCharacter
        case keyword
        case error
        case end
    }

    let kind: Kind
    let text: String
    /// The offset of the first byte.
    let position: Int
    /// The line of the first byte, from 1.
    let line: Int

    /// How an error names the token.
    var described: String {
        switch kind {
        case .end: return "EOF"
        case .error: return text
        case .keyword: return "<\(text)>"
        default:
            if text.utf8.count > 10 {
                return Quoting.quoted(String(text.prefix(10))) + "..."
            }
            return Quoting.quoted(text)
        }
    }
}
