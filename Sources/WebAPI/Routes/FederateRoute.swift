import Alerting
import HTTPServer
import Metrics
import PromQL

/// `/federate`: the latest sample of the series that a Prometheus asks for, in the text format.
struct FederateRoute: Sendable {
    private struct Latest {
        let labels: Labels
        let timestamp: Int64
        let value: Double
    }

    let source: StoreSeriesSource
    let lookbackMilliseconds: Int64
    let options: Query.Options

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        do throws(APIError) {
            let matches = try SeriesMatch.all(RequestParameters(request), options: options)
            let samples = try latest(of: matches, at: WallClock.milliseconds())
            return HTTPResponse(
                contentType: ExpositionFormat.prometheusText.contentType,
                bytes: Self.text(of: samples)
            )
        } catch {
            return .text(error.kind.status, error.message)
        }
    }

    /// The last sample of each series within the lookback, sorted by the name of the metric; of those that have ended
    /// none.
    private func latest(of matches: [SeriesMatch], at now: Int64) throws(APIError) -> [(String, Latest)] {
        var found: [Labels: Latest] = [:]
        do throws(QueryError) {
            for match in matches {
                try source.forEachSeries(match.matchers, from: now - lookbackMilliseconds + 1, through: now) {
                    (labels, timestamps, values) throws(QueryError) in
                    if Task.isCancelled { throw .canceled("federation") }
                    guard let timestamp = timestamps.last, let value = values.last, !value.isStaleMarker else { return }
                    found[labels] = Latest(labels: labels, timestamp: timestamp, value: value)
                }
            }
        } catch {
            throw APIError(error)
        }
        return found.values.map { ($0.labels.metricName ?? "", $0) }
            .sorted { $0.0 == $1.0 ? $0.1.labels < $1.1.labels : $0.0 < $1.0 }
    }

    /// Federation knows no types, neither does Prometheus' own; names beyond the old alphabet get underscores.
    private static func text(of samples: [(name: String, latest: Latest)]) -> [UInt8] {
        var output: [UInt8] = []
        var name = ""
        var shownName = ""
        for sample in samples {
            if sample.name != name {
                name = sample.name
                shownName = EscapedName.underscored(name)
                output += "# TYPE \(shownName) untyped\n".utf8
            }
            output += shownName.utf8
            output += "{".utf8
            // A series without `instance` is to stay without, whatever the scraper would add.
            let labels = LabelText.render(sample.latest.labels)
            output += labels
            if sample.latest.labels["instance"] == nil { output += "\(labels.isEmpty ? "" : ",")instance=\"\"".utf8 }
            output += "} \(NumberFormat.decimalText(sample.latest.value)) \(sample.latest.timestamp)\n".utf8
        }
        return output
    }
}
