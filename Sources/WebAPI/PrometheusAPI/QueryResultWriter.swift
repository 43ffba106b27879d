import JSON
import Metrics
import PromQL

/// Writes the `data` of a query's answer.
enum QueryResultWriter {
    /// Writes `resultType` and `result` into an object that is open.
    static func writeMembers(_ value: QueryResult.Value, to writer: inout JSONWriter) {
        writer.key("resultType")
        writer.string(typeName(of: value))
        writer.key("result")
        write(value, to: &writer)
    }

    /// How many bytes the text of a result takes at least, near enough for a limit.
    static func leastByteCount(_ value: QueryResult.Value) -> Int {
        // `[1700000000,"1"],`
        let point = 17
        return switch value {
        case .scalar: point
        case .string(_, let text): text.utf8.count
        case .vector(let samples): samples.reduce(0) { $0 + $1.labels.byteCount + point }
        case .matrix(let series): series.reduce(0) { $0 + $1.labels.byteCount + $1.values.count * point }
        }
    }

    /// Writes a label set as an object.
    static func write(_ labels: Labels, to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in labels.pairs {
                writer.key(name)
                writer.string(value)
            }
        }
    }

    private static func typeName(of value: QueryResult.Value) -> String {
        switch value {
        case .scalar: "scalar"
        case .string: "string"
        case .vector: "vector"
        case .matrix: "matrix"
        }
    }

    private static func write(_ value: QueryResult.Value, to writer: inout JSONWriter) {
        switch value {
        case .scalar(let timestamp, let value):
            writer.array { writer in
                PrometheusTime.append(timestamp, to: &writer)
                writer.string(NumberFormat.decimalText(value))
            }
        case .string(let timestamp, let text):
            writer.array { writer in
                PrometheusTime.append(timestamp, to: &writer)
                writer.string(text)
            }
        case .vector(let samples):
            writer.array(of: samples) { writer, sample in
                writer.object { writer in
                    writer.key("metric")
                    write(sample.labels, to: &writer)
                    writer.key("value")
                    writePoint(sample.timestamp, sample.value, to: &writer)
                }
            }
        case .matrix(let series):
            writer.array(of: series) { write($1, to: &$0) }
        }
    }

    private static func write(_ series: MatrixSeries, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("metric")
            write(series.labels, to: &writer)
            writer.key("values")
            writer.array(of: zip(series.timestamps, series.values)) { writer, point in
                writePoint(point.0, point.1, to: &writer)
            }
        }
    }

    /// Numbers of series have an exponent where they are very large or small; scalars never have one (`MarshalFloat` in
    /// Prometheus' `util/jsonutil/marshal.go`).
    private static func writePoint(_ timestamp: Int64, _ value: Double, to writer: inout JSONWriter) {
        let magnitude = value.magnitude
        let hasExponent = magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)
        writer.array { writer in
            PrometheusTime.append(timestamp, to: &writer)
            writer.string(hasExponent ? GoText.exponential(value) : NumberFormat.decimalText(value))
        }
    }
}
