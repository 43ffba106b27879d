import Bytes

/// Bytes of a protobuf message that is written field by field.
///
/// The messages of remote write have a handful of fields and are made for every sample, so they are written directly;
/// `https://protobuf.dev/programming-guides/encoding/` is the whole format.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// The bytes that a number takes.
    static func varintSize(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// The bytes that a field with a run of bytes takes, where the field's number is below 16.
    static func fieldSize(_ count: Int) -> Int {
        1 + varintSize(UInt64(count)) + count
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// A number; zero is left out, as it is what an absent field means.
    mutating func number(_ field: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        bytes.append(field << 3)
        bytes.appendVarint(value)
    }

    /// A number of any sign.
    mutating func number(_ field: UInt8, _ value: Int64) {
        number(field, UInt64(bitPattern: value))
    }

    /// A number that is written also where it is zero: a choice that was made.
    mutating func present(_ field: UInt8, _ value: Int64) {
        bytes.append(field << 3)
        bytes.appendVarint(UInt64(bitPattern: value))
    }

    /// A number of 64 bits in as many bits.
    mutating func fixed(_ field: UInt8, _ value: UInt64) {
        bytes.append(field << 3 | 1)
        bytes.appendInteger(value)
    }

    /// A number with a fraction, written also where it is zero.
    mutating func double(_ field: UInt8, _ value: Double) {
        fixed(field, value.bitPattern)
    }

    /// What stands before a text or message of so many bytes.
    mutating func head(_ field: UInt8, count: Int) {
        bytes.append(field << 3 | 2)
        bytes.appendVarint(UInt64(count))
    }

    mutating func bytes(_ field: UInt8, _ run: [UInt8]) {
        head(field, count: run.count)
        bytes.append(contentsOf: run)
    }

    mutating func text(_ field: UInt8, _ text: String) {
        head(field, count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func text(_ field: UInt8, _ symbol: Symbol, of symbols: SymbolTable) {
        head(field, count: symbols.range(of: symbol).count)
        symbols.append(symbol, to: &bytes)
    }

    mutating func message(_ field: UInt8, _ message: ProtobufMessage) {
        head(field, count: message.bytes.count)
        bytes.append(contentsOf: message.bytes)
    }

    mutating func varint(_ value: UInt64) {
        bytes.appendVarint(value)
    }

    mutating func append(_ other: ProtobufMessage) {
        bytes.append(contentsOf: other.bytes)
    }
}
