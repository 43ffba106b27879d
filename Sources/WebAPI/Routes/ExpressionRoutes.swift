import HTTPServer
import JSON
import PromQL

/// `/api/v1/format_query` and `/api/v1/parse_query`: what an expression looks like to the parser.
struct ExpressionRoutes: Sendable {
    let options: Query.Options

    func format(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let text = try query(of: request).prettyPrinted
            return PrometheusResponse.success { $0.string(text) }
        }
    }

    func parse(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let root = try query(of: request).root
            return PrometheusResponse.success { ExpressionTreeWriter.write(root, to: &$0) }
        }
    }

    private func query(of request: HTTPRequest) throws(APIError) -> Query {
        do throws(QueryError) {
            return try Query(parsing: RequestParameters(request).text("query"), options: options)
        } catch {
            throw APIError(error)
        }
    }
}
