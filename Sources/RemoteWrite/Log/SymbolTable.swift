/// A text of labels: an index into a `SymbolTable`.
typealias Symbol = UInt32

/// A label as two symbols.
struct LabelPair: Equatable {
    let name: Symbol
    let value: Symbol
}

/// Each text of labels once.
struct SymbolTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    private var index: [[UInt8]: Symbol] = [:]

    var count: Int {
        ends.count
    }

    mutating func symbol(_ text: UnsafeRawBufferPointer) -> Symbol {
        let key = Array(text)
        if let known = index[key] { return known }
        let symbol = Symbol(truncatingIfNeeded: ends.count)
        bytes += key
        ends.append(bytes.count)
        // FNV-1a: the same in every process, as `Hasher` is not.
        hashes.append(key.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        index[key] = symbol
        return symbol
    }

    mutating func symbol(_ text: String) -> Symbol {
        var text = text
        return text.withUTF8 { symbol(UnsafeRawBufferPointer($0)) }
    }

    func range(of symbol: Symbol) -> Range<Int> {
        let place = Int(symbol)
        return (place == 0 ? 0 : ends[place - 1])..<ends[place]
    }

    func hash(of symbol: Symbol) -> UInt64 {
        hashes[Int(symbol)]
    }

    func text(_ symbol: Symbol) -> String {
        String(decoding: bytes[range(of: symbol)], as: UTF8.self)
    }

    func append(_ symbol: Symbol, to output: inout [UInt8]) {
        output.append(contentsOf: bytes[range(of: symbol)])
    }

    /// Whether the text of one symbol goes before that of another.
    func precedes(_ left: Symbol, _ right: Symbol) -> Bool {
        left != right && bytes[range(of: left)].lexicographicallyPrecedes(bytes[range(of: right)])
    }

    mutating func removeAll() {
        self = SymbolTable()
    }
}
