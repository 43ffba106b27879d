import CAnchors
import Metrics

/// A Prometheus that holds the same samples: written by remote write, timed by what it says of each query.
struct PrometheusAnchor {
    /// How long the engine took (without HTTP and JSON), and how many series the answer has.
    struct Answer {
        let seconds: Double
        let series: Int
    }

    let port: Int

    /// Writes the samples of those series of a fleet whose names stand in one of the queries.
    ///
    /// That Prometheus has nothing else in its index is in its favour.
    func write(_ fleet: RecordedFleet, table: SeriesKeyTable, read queries: [String]) throws {
        let words = Set(queries.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } })
        var body: [UInt8] = []
        for node in 0..<fleet.nodes {
            let keys = fleet.recording(of: node).first.keys
            let rows = (0..<RecordedFleet.polls).map { fleet.values(of: node, poll: $0) }
            let times = (0..<RecordedFleet.polls).map { fleet.time(of: node, poll: $0) }
            for (column, key) in keys.enumerated() {
                let labels = table.labels(of: key)
                guard let name = labels.metricName, words.contains(Substring(name)) else { continue }
                body.appendField(1, Self.series(labels.merging(fleet.labels(of: node)), times, rows.map { $0[column] }))
            }
            if node % 20 == 19 || node == fleet.nodes - 1 {
                try send(body)
                body.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The expression at one time.
    func instant(_ query: String, at time: Int64) throws -> Answer {
        try ask("/api/v1/query?stats=all&time=\(Double(time) / 1000)&query=\(Self.escaped(query))")
    }

    /// The expression at many.
    func range(_ query: String, from: Int64, through: Int64, step: Int64) throws -> Answer {
        let times = "start=\(Double(from) / 1000)&end=\(Double(through) / 1000)&step=\(Double(step) / 1000)"
        return try ask("/api/v1/query_range?stats=all&\(times)&query=\(Self.escaped(query))")
    }

    /// A time series of the remote write protocol.
    private static func series(_ labels: Labels, _ times: [Int64], _ values: [Double]) -> [UInt8] {
        var message: [UInt8] = []
        for (name, value) in labels.pairs {
            var label: [UInt8] = []
            label.appendField(1, Array(name.utf8))
            label.appendField(2, Array(value.utf8))
            message.appendField(1, label)
        }
        for (time, value) in zip(times, values) {
            var sample: [UInt8] = [0x09]
            withUnsafeBytes(of: value.bitPattern.littleEndian) { sample.append(contentsOf: $0) }
            sample.append(0x10)
            sample.appendVarint(UInt64(time))
            message.appendField(2, sample)
        }
        return message
    }

    private func send(_ body: [UInt8]) throws {
        // Snappy, all of it one literal: nothing is won by compressing on loopback.
        var packed: [UInt8] = []
        packed.appendVarint(UInt64(body.count))
        packed.append(0xFC)
        withUnsafeBytes(of: UInt32(body.count - 1).littleEndian) { packed.append(contentsOf: $0) }
        packed += body
        let head =
            "POST /api/v1/write HTTP/1.0\r\nHost: localhost\r\nContent-Length: \(packed.count)\r\n"
            + "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n"
            + "X-Prometheus-Remote-Write-Version: 0.1.0\r\n\r\n"
        let answer = try exchange(Array(head.utf8) + packed)
        guard answer.contains(" 204 ") else { throw BenchmarkError.refused(answer) }
    }

    private func ask(_ path: String) throws -> Answer {
        let answer = try exchange(Array("GET \(path) HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8))
        let field = "\"execTotalTime\":"
        guard let range = answer.firstRange(of: field),
            let seconds = Double(answer[range.upperBound...].prefix { $0 != "," && $0 != "}" })
        else { throw BenchmarkError.refused(answer) }
        return Answer(seconds: seconds, series: answer.ranges(of: "{\"metric\":").count)
    }

    private func exchange(_ request: [UInt8]) throws -> String {
        var capacity = 1 << 22
        while true {
            var length = -1
            let answer = [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
                length = anchor_http_exchange(Int32(port), request, request.count, memory.baseAddress, memory.count)
                count = max(0, min(length, memory.count))
            }
            guard length >= 0 else { throw BenchmarkError.unreachable(port: port) }
            if length < capacity { return String(decoding: answer, as: UTF8.self) }
            capacity *= 4
        }
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber { return String(character) }
            return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}

extension [UInt8] {
    /// A field of a protobuf message that has a length.
    fileprivate mutating func appendField(_ number: UInt8, _ bytes: [UInt8]) {
        append(number << 3 | 2)
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    fileprivate mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
