import NIOCore

/// Takes commands from what a client has sent: arrays of bulk strings, or lines, as from a shell.
struct RequestReader {
    private var pending = ByteBuffer()

    /// Adds what has come.
    mutating func feed(_ bytes: inout ByteBuffer) {
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
    }

    /// The next command, `nil` where there is no whole one.
    mutating func next() throws(SimulatorError) -> [String]? {
        let start = pending.readerIndex
        guard let first = line() else { return nil }
        guard first.hasPrefix("*") else { return first.split(separator: " ").map(String.init) }
        guard let count = Int(first.dropFirst()), (1...1024).contains(count) else {
            throw SimulatorError("expected an array of 1 to 1024 bulk strings")
        }
        var words: [String] = []
        for _ in 0..<count {
            guard let header = line() else { return rewind(to: start) }
            guard header.hasPrefix("$"), let length = Int(header.dropFirst()), (0...65536).contains(length) else {
                throw SimulatorError("expected a bulk string of at most 64 KiB")
            }
            guard let word = pending.getString(at: pending.readerIndex, length: length),
                pending.readableBytes >= length + 2
            else { return rewind(to: start) }
            pending.moveReaderIndex(forwardBy: length + 2)
            words.append(word)
        }
        return words
    }

    private mutating func rewind(to start: Int) -> [String]? {
        pending.moveReaderIndex(to: start)
        return nil
    }

    private mutating func line() -> String? {
        let view = pending.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\r")), end + 1 < view.endIndex else { return nil }
        let line = pending.readString(length: end - view.startIndex)
        pending.moveReaderIndex(forwardBy: 2)
        return line
    }
}

/// What is wrong with how the simulator was called, or with what it was sent.
struct SimulatorError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
