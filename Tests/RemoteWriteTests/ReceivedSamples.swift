import Bytes
import Metrics
import TestServers

@testable import RemoteWrite

/// A field of a protobuf message, read without knowing the message.
private enum ProtobufField {
    case number(UInt64)
    case bytes([UInt8])

    static func all(in message: [UInt8]) -> [(number: UInt64, field: ProtobufField)] {
        message.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var result: [(UInt64, ProtobufField)] = []
            while !reader.isAtEnd {
                guard let tag = reader.varint() else { return [] }
                switch tag & 7 {
                case 0: result.append((tag >> 3, .number(reader.varint() ?? 0)))
                case 1: result.append((tag >> 3, .number(reader.integer(UInt64.self) ?? 0)))
                case 2: result.append((tag >> 3, .bytes(reader.run().map { Array($0) } ?? [])))
                default: return []
                }
            }
            return result
        }
    }

    var bytes: [UInt8] {
        if case .bytes(let bytes) = self { return bytes }
        return []
    }

    var text: String {
        String(decoding: bytes, as: UTF8.self)
    }

    var number: UInt64 {
        if case .number(let number) = self { return number }
        return 0
    }
}

/// The samples of a request of remote write, 1.0 or 2.0.
func samples(in request: HTTPReceiver.Request) -> [ReadSample] {
    let fields = ProtobufField.all(in: uncompress(request.bytes) ?? [])
    let symbols = fields.filter { $0.number == 4 }.map(\.field.text)
    return fields.flatMap { number, field in
        number == 1 ? series1(field.bytes) : number == 5 ? series2(field.bytes, symbols) : []
    }
}

private func series1(_ message: [UInt8]) -> [ReadSample] {
    let fields = ProtobufField.all(in: message)
    let pairs: [(String, String)] = fields.filter { $0.number == 1 }.map { label in
        let parts = ProtobufField.all(in: label.field.bytes)
        let name = parts.first { $0.number == 1 }
        let value = parts.first { $0.number == 2 }
        return (name?.field.text ?? "", value?.field.text ?? "")
    }
    return points(fields.filter { $0.number == 2 }.map(\.field.bytes), Labels(pairs).description)
}

private func series2(_ message: [UInt8], _ symbols: [String]) -> [ReadSample] {
    let fields = ProtobufField.all(in: message)
    var references: [Int] = []
    (fields.first { $0.number == 1 }?.field.bytes ?? []).withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        while let reference = reader.varint() { references.append(Int(reference)) }
    }
    let pairs = stride(from: 0, to: references.count, by: 2).map { index in
        (symbols[references[index]], symbols[references[index + 1]])
    }
    return points(fields.filter { $0.number == 2 }.map(\.field.bytes), Labels(pairs).description)
}

private func points(_ messages: [[UInt8]], _ labels: String) -> [ReadSample] {
    messages.map { message in
        let fields = ProtobufField.all(in: message)
        return ReadSample(
            labels,
            Int64(bitPattern: fields.first { $0.number == 2 }?.field.number ?? 0),
            Double(bitPattern: fields.first { $0.number == 1 }?.field.number ?? 0)
        )
    }
}
