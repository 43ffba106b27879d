/// A parsed template and what errors in it are told by.
struct ParsedTemplate: Sendable {
    let name: String
    let text: String
    let body: [TemplateNode]
    let definitions: [String: [TemplateNode]]

    init(_ text: String, name: String) throws(TemplateError) {
        var parser = TemplateParser(text, name: name)
        body = try parser.parse()
        definitions = parser.definitions
        self.name = name
        self.text = text
    }

    /// Line from 1 and column as Go counts them: bytes from 0 in the first line, from 1 in others.
    func lineAndColumn(of position: Int) -> (Int, Int) {
        let before = Array(text.utf8.prefix(position))
        let newline = UInt8(ascii: "\n")
        let line = before.count { $0 == newline } + 1
        guard let last = before.lastIndex(of: newline) else { return (1, position) }
        return (line, position - last - 1)
    }
}

/// The value of a label or annotation of an alerting rule: a text in the template language of Prometheus.
///
/// It is parsed once. A text without `{{` costs nothing to expand.
public struct AlertTemplate: Sendable {
    /// What Prometheus puts before every template, so that `$labels` and the others exist; positions in its errors
    /// count these bytes too.
    private static let prelude =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

    /// The text as it stands in the rule file.
    public let text: String
    /// `nil` where the text has no template in it.
    private let parsed: ParsedTemplate?
    private let name: String

    /// Parses the template of a rule.
    ///
    /// - Throws: `TemplateError` in the words of Go where the text is no template.
    public init(_ text: String, alertName: String) throws(TemplateError) {
        self.text = text
        name = "__alert_" + alertName
        parsed = text.utf8.contains(UInt8(ascii: "{")) ? try ParsedTemplate(Self.prelude + text, name: name) : nil
    }

    /// The text with everything replaced.
    ///
    /// Bounded in steps, calls and bytes; see `TemplateExecution`.
    /// - Throws: `TemplateError` where a function fails or a limit is reached.
    public func expanding(_ context: TemplateContext) throws(TemplateError) -> String {
        guard let parsed else { return text }
        var execution = TemplateExecution(parsed, context)
        return try execution.run()
    }

    /// The text with everything replaced, or the error in its place, as Prometheus puts it into labels and annotations.
    public func expandingOrError(_ context: TemplateContext) -> String {
        do {
            return try expanding(context)
        } catch {
            return "<error expanding template: error executing template \(name): \(error.message)>"
        }
    }
}
