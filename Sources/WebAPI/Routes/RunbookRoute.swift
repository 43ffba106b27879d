import BundledRules
import HTTPServer

/// `/runbooks/<alert>`: what to do when an alert of the bundled rules fires.
struct RunbookRoute: Sendable {
    func respond(to request: HTTPRequest) -> HTTPResponse {
        guard let text = request.parameter("alert").flatMap({ BundledRules.runbooks[$0] }) else {
            return .text(.notFound, "There is no runbook of that name.")
        }
        // As plain text, since that is what a browser shows of Markdown.
        return HTTPResponse(contentType: "text/plain; charset=utf-8", bytes: text)
    }
}
