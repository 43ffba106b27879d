/// Why a template cannot be read or could not be expanded, in the words of Go's text/template.
///
/// The words matter: an alert's annotation shows them, and they are the same ones that Prometheus would show.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole message: `template: __alert_Down:1:130: executing "__alert_Down" at <.Foo>: can't evaluate …`.
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String {
        message
    }
}
