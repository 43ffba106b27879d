import HTTPServer
import PromQL

/// Why a request of the Prometheus API gets no result: a type that clients tell apart, and a text for people.
struct APIError: Error, Equatable {
    /// The `errorType` of the answer; the raw value is what the client reads.
    enum Kind: String {
        case badData = "bad_data"
        case canceled
        case execution
        case timeout

        /// The status that Prometheus gives it (`web/api/v1/api.go`, `respondError`).
        var status: HTTPStatus {
            switch self {
            case .badData: .badRequest
            // What nginx calls "client closed request".
            case .canceled: HTTPStatus(499)
            case .execution: .unprocessableContent
            case .timeout: .serviceUnavailable
            }
        }
    }

    let kind: Kind
    let message: String

    static func badData(_ message: String) -> APIError {
        APIError(kind: .badData, message: message)
    }

    /// A parameter that cannot be used.
    static func badParameter(_ name: String, _ problem: String) -> APIError {
        badData("invalid parameter \"\(name)\": \(problem)")
    }

    /// Whoever asked has gone.
    static func canceled(in place: String) -> APIError {
        APIError(kind: .canceled, message: "query was canceled in \(place)")
    }
}

extension APIError {
    /// The error of a query that stood in the parameter `query`.
    init(_ error: QueryError) {
        switch error {
        case .parse:
            self = .badParameter("query", error.explanation)
        case .badData(let text):
            self = .badData(text)
        case .execution, .tooManySamples:
            self.init(kind: .execution, message: error.explanation)
        case .timeout:
            self.init(kind: .timeout, message: error.explanation)
        case .canceled:
            self.init(kind: .canceled, message: error.explanation)
        }
    }
}
