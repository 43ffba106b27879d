import Glibc
import HTTPServer
import JSON
import Metrics
import PromQL
import TimeSeriesStore

/// `/api/v1/status/…`: what runs here.
struct StatusRoutes: Sendable {
    /// The release of Prometheus whose API and query language this is.
    ///
    /// Clients ask for it to know what they may use, so our own version would mislead them.
    private static let prometheusVersion = "3.5.0"

    let version: String
    let store: TimeSeriesStore
    let configuration: @Sendable () -> String
    let flags: [String: String]
    let started = WallClock.milliseconds()

    func buildInfo(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.success { writer in
            writer.object { writer in
                writer.member("version", Self.prometheusVersion)
                writer.member("revision", "redstart-\(version)")
                for name in ["branch", "buildUser", "buildDate", "goVersion"] {
                    writer.member(name, "")
                }
            }
        }
    }

    /// What belongs to Go's runtime is empty or 0: clients expect the keys.
    func runtimeInfo(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.success { writer in
            writer.object { writer in
                writer.member("startTime", PrometheusTime.rfc3339(started))
                writer.member("CWD", Self.text { getcwd($0, $1) != nil })
                writer.member("hostname", Self.text { gethostname($0, $1) == 0 })
                writer.member("serverTime", PrometheusTime.rfc3339(WallClock.milliseconds()))
                writer.key("reloadConfigSuccess")
                writer.bool(true)
                writer.member("lastConfigTime", PrometheusTime.rfc3339(started))
                writer.member("corruptionCount", 0)
                writer.member("goroutineCount", 0)
                writer.member("GOMAXPROCS", sysconf(Int32(_SC_NPROCESSORS_ONLN)))
                writer.member("GOMEMLIMIT", Int64.max)
                writer.member("GOGC", "")
                writer.member("GODEBUG", "")
                let history = DurationText.text(milliseconds: store.configuration.history.wholeMilliseconds)
                writer.member("storageRetention", history)
            }
        }
    }

    func config(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.success { writer in
            writer.object { $0.member("yaml", configuration()) }
        }
    }

    func allFlags(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.success { writer in
            writer.object { writer in
                for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
                    writer.member(name, value)
                }
            }
        }
    }

    func tsdb(_ request: HTTPRequest) async -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let text = RequestParameters(request).text("limit")
            let limit = text.isEmpty ? 10 : Int(text) ?? 0
            guard limit > 0 else { throw .badData("limit must be a positive number") }
            let statistics = store.statistics()
            let report = store.cardinality(limit: limit)
            return PrometheusResponse.success { writer in
                writer.object { writer in
                    writer.key("headStats")
                    writer.object { writer in
                        writer.member("numSeries", statistics.series)
                        writer.member("numLabelPairs", report.labelPairs)
                        writer.member("chunkCount", statistics.blocks)
                        writer.member("minTime", statistics.oldest ?? .max)
                        writer.member("maxTime", statistics.newest ?? .min)
                    }
                    Self.write(report.seriesByMetricName, as: "seriesCountByMetricName", to: &writer)
                    Self.write(report.valuesByLabelName, as: "labelValueCountByLabelName", to: &writer)
                    Self.write(report.bytesByLabelName, as: "memoryInBytesByLabelName", to: &writer)
                    Self.write(report.seriesByLabelPair, as: "seriesCountByLabelValuePair", to: &writer)
                }
            }
        }
    }

    private static func write(_ entries: [CardinalityReport.Entry], as key: String, to writer: inout JSONWriter) {
        writer.key(key)
        writer.array(of: entries) { writer, entry in
            writer.object { writer in
                writer.member("name", entry.name)
                writer.member("value", entry.count)
            }
        }
    }

    /// A text that the C library writes into memory of ours; empty where it fails.
    private static func text(_ body: (UnsafeMutablePointer<CChar>, Int) -> Bool) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { memory in
            memory.initialize(repeating: 0)
            guard let start = memory.baseAddress, body(start, memory.count - 1) else { return "" }
            return String(decoding: memory.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
