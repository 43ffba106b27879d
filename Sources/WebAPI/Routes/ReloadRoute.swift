import HTTPServer

/// `POST /-/reload`: reads configuration and rules again.
struct ReloadRoute: Sendable {
    /// Why it failed, `nil` where it did not.
    let reload: @Sendable () async -> String?

    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        if let problem = ChangeGuard.foreignOrigin(of: request) { return .text(.forbidden, problem) }
        guard let problem = await reload() else { return .text(.ok, "The configuration was reloaded.") }
        return .text(
            .internalServerError,
            "The configuration was not reloaded, the one before stays in force: \(problem)"
        )
    }
}
