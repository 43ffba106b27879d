import Alerting
import Metrics
import PromQL
import TimeSeriesStore

/// One `match[]` of a request: which series are meant.
struct SeriesMatch {
    let matchers: [LabelMatcher]

    /// Reads a series selector.
    ///
    /// Throws `APIError.badData` without the name of the parameter, which some endpoints of Prometheus give and others
    /// do not.
    init(parsing text: String, options: Query.Options) throws(APIError) {
        let query: Query
        do throws(QueryError) {
            query = try Query(parsing: text, options: options)
        } catch {
            // The checker says in other words what Prometheus says of a selector that stands alone.
            if error.message.contains("at least one non-empty matcher") { throw Self.selectsEverything }
            throw .badData(error.explanation)
        }
        guard case .vectorSelector(let selector) = query.root, !selector.time.isSet else {
            let mistake = QueryError.parse(
                message: "unexpected expression, expected a series selector such as up{job=\"redis\"}",
                range: query.root.range,
                query: text
            )
            throw .badData(mistake.explanation)
        }
        guard selector.matchers.contains(where: { !$0.matchesEmpty }) else { throw Self.selectsEverything }
        matchers = selector.matchers
    }

    private static let selectsEverything = APIError.badData("match[] must contain at least one non-empty matcher")

    /// All `match[]` of a request.
    ///
    /// - Parameter isNamed: Whether errors name the parameter.
    static func all(
        _ parameters: RequestParameters,
        options: Query.Options,
        isNamed: Bool = false
    ) throws(APIError) -> [SeriesMatch] {
        var result: [SeriesMatch] = []
        for text in parameters.all("match[]") {
            do throws(APIError) {
                result.append(try SeriesMatch(parsing: text, options: options))
            } catch {
                throw isNamed ? .badParameter("match[]", error.message) : error
            }
        }
        return result
    }

    /// The same as the store reads it.
    var selector: SeriesSelector {
        SeriesSelector(matchers)
    }

    func matches(_ labels: Labels) -> Bool {
        matchers.allSatisfy { $0.matches(labels[$0.name] ?? "") }
    }
}

extension TimeModifier {
    fileprivate var isSet: Bool {
        anchor != nil || offsetMilliseconds != 0 || offsetExpression != nil
    }
}
