import HTTPServer
import PromQL

/// The parameters of a request as the Prometheus API reads them, with its words for those that cannot be used.
///
/// An empty value is the same as none.
struct RequestParameters {
    private let items: QueryItems

    init(_ request: HTTPRequest) {
        items = request.query
    }

    /// The first value of a name; empty where there is none.
    func text(_ name: String) -> String {
        items.first(name) ?? ""
    }

    func all(_ name: String) -> [String] {
        items.all(name)
    }

    /// A time that must be there, in milliseconds since 1970.
    func time(_ name: String) throws(APIError) -> Int64 {
        let text = text(name)
        guard let time = PrometheusTime.milliseconds(text) else {
            throw .badParameter(name, "cannot parse \(Quoting.quoted(text)) to a valid timestamp")
        }
        return time
    }

    /// A time in milliseconds since 1970, `fallback` where none is given.
    func time(_ name: String, or fallback: Int64) throws(APIError) -> Int64 {
        let text = text(name)
        guard !text.isEmpty else { return fallback }
        guard let time = PrometheusTime.milliseconds(text) else {
            let problem = "cannot parse \(Quoting.quoted(text)) to a valid timestamp"
            throw .badParameter(name, "Invalid time value for '\(name)': \(problem)")
        }
        return time
    }

    /// A duration in milliseconds, `nil` where none is given.
    func duration(_ name: String) throws(APIError) -> Int64? {
        guard !text(name).isEmpty else { return nil }
        return try requiredDuration(name)
    }

    /// A duration that must be there, in milliseconds: a number of seconds, or `1h30m`.
    func requiredDuration(_ name: String) throws(APIError) -> Int64 {
        let text = text(name)
        if let seconds = Double(text), !seconds.isNaN {
            guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()), milliseconds.magnitude < 1 << 53 else {
                let problem = "cannot parse \(Quoting.quoted(text)) to a valid duration. It overflows int64"
                throw .badParameter(name, problem)
            }
            return milliseconds
        }
        guard let milliseconds = DurationText.milliseconds(text) else {
            throw .badParameter(name, "cannot parse \(Quoting.quoted(text)) to a valid duration")
        }
        return milliseconds
    }

    /// The most results to give, `nil` for all of them; 0 means all too.
    func limit() throws(APIError) -> Int? {
        let text = text("limit")
        guard !text.isEmpty else { return nil }
        guard let limit = Int(text) else {
            throw .badParameter("limit", "strconv.Atoi: parsing \(Quoting.quoted(text)): invalid syntax")
        }
        guard limit >= 0 else { throw .badParameter("limit", "limit must be non-negative") }
        return limit == 0 ? nil : limit
    }
}
