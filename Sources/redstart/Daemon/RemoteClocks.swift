import Alerting
import HTTPClient
import Logging
import Metrics
import PromQL
import RemoteWrite

/// Asks the store that is written to for the `for` clocks of alerts that other processes have begun.
///
/// Several questions to the query API, as that tells neither when a sample was written nor that a series has ended.
struct RemoteClocks: Sendable {
    let source: AlertStateSource
    let client: HTTPClient
    let logger: Logger

    /// More alerts than any fleet should have; so many bytes of an answer.
    private static let limit = 20_000
    private static let bodyLimit = 16 << 20
    /// How far back is looked, as in Prometheus.
    private static let tolerance = "1h"
    /// A series that was seen this long after its last sample has not ended: whoever wrote it has.
    private static let silenceMilliseconds: Int64 = 200_000

    /// The clocks of these alerts; `nil` where they cannot be had, which is logged.
    func clocks(of alerts: [String]) async -> CarriedClocks? {
        let now = WallClock.milliseconds()
        do {
            let series = "ALERTS_FOR_STATE{\(matchers(alerts))}"
            // Together, as they have to be of the same time.
            async let values = ask("last_over_time(\(series)[\(Self.tolerance)])", at: now)
            async let written = ask("max_over_time(timestamp(\(series))[\(Self.tolerance):1m])", at: now)
            async let seen = ask("max_over_time((\(series) * 0 + time())[\(Self.tolerance):1m])", at: now)
            async let current = ask("timestamp(\(series))", at: now)
            let clocks = Self.clocks(
                values: try await values,
                written: try await written,
                seen: try await seen,
                current: try await current,
                adding: source.addedLabels
            )
            logger.notice("the clocks of alerts were asked for", metadata: ["clocks": "\(clocks.count)"])
            return CarriedClocks(clocks, askedAt: now)
        } catch {
            logger.warning(
                "the clocks of alerts cannot be asked for; what others have begun to wait for is waited for anew",
                metadata: ["url": "\(source.url)", "error": "\(error)"]
            )
            return nil
        }
    }

    private func matchers(_ alerts: [String]) -> String {
        let names = alerts.map(Self.escaped).joined(separator: "|")
        let labels = source.labels.pairs.map { "\($0.name)=\(Quoting.quoted($0.value))" }
        return (["alertname=~\(Quoting.quoted(names))"] + labels).joined(separator: ",")
    }

    /// The name as a regular expression.
    private static func escaped(_ name: String) -> String {
        name.map { $0.isASCII && !$0.isLetter && !$0.isNumber && $0 != "_" ? "\\\($0)" : "\($0)" }.joined()
    }

    private func ask(_ query: String, at time: Int64) async throws -> [Labels: Double] {
        let form = [("query", query), ("time", NumberFormat.decimalText(Double(time) / 1000))]
        var request = ClientRequest(
            method: "POST",
            url: source.url.appending(path: "/api/v1/query"),
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
                ("User-Agent", "redstart/\(Version.current)"),
            ] + (try source.headers()),
            body: DaemonClient.encoded(form),
            timeout: source.timeout,
            tls: source.tls
        )
        request.bodyLimit = Self.bodyLimit
        let response = try await client.send(request)
        guard response.isComplete else {
            throw DaemonError("the answer of \(source.url) was cut off, or is over \(Self.bodyLimit >> 20) MB")
        }
        let data = try APIAnswer<QueryData>(response, from: source.url).data
        guard case .series(let series) = data.result else {
            throw DaemonError("\(source.url) answers with a \(data.resultType) where a vector was asked for")
        }
        guard series.count <= Self.limit else {
            throw DaemonError("\(source.url) knows more than \(Self.limit) alerts of these names")
        }
        var result: [Labels: Double] = [:]
        for one in series {
            guard let number = one.points.last?.number, number.isFinite, number.magnitude < 1e12 else { continue }
            result[Labels(one.labels.map { ($0.key, $0.value) }).withoutMetricName] = number
        }
        return result
    }

    /// Of each alert the clock that was written last, whoever did.
    ///
    /// All values are seconds since 1970.
    static func clocks(
        values: [Labels: Double],
        written: [Labels: Double],
        seen: [Labels: Double],
        current: [Labels: Double],
        adding added: [String]
    ) -> [Labels: CarriedClocks.Clock] {
        var clocks: [Labels: CarriedClocks.Clock] = [:]
        for (series, start) in values {
            let last: Int64
            if let time = current[series] {
                last = Int64(time * 1000)
            } else if let time = written[series], let shown = seen[series],
                Int64((shown - time) * 1000) >= silenceMilliseconds
            {
                last = Int64(time * 1000)
            } else {
                // The alert was over before.
                continue
            }
            let clock = CarriedClocks.Clock(activeAt: Int64(start * 1000), saidAt: last)
            let labels = series.dropping(added)
            if let other = clocks[labels], (other.saidAt, -other.activeAt) > (last, -clock.activeAt) { continue }
            clocks[labels] = clock
        }
        return clocks
    }
}
