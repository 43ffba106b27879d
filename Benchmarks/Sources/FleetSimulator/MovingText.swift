import NIOCore

/// A reply whose numbers move with the clock: bytes that stay as they are, and between them what is written anew.
struct MovingText {
    /// What is written between the bytes that stay.
    enum Part {
        /// Never falls, and grows as much as the node is busy.
        case counter(Double, decimals: Int)
        /// Goes up and down a little, all the time.
        case drift(Double)
        /// Stays the same for some polls, then is another one.
        case step(Double, decimals: Int)
        case uptimeSeconds
        case uptimeDays
        case wallClockMicroseconds
        /// Some minutes ago.
        case recently
        case loading
        case runID
        case port
        /// All lines about replication.
        case replication
        /// The line about the master that a Sentinel watches.
        case watchedMaster
    }

    private var bytes: [UInt8] = []
    private var parts: [(end: Int, part: Part)] = []

    /// Appends what stays.
    mutating func append(_ text: some StringProtocol) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends what is written anew in every reply.
    mutating func append(_ part: Part) {
        parts.append((bytes.count, part))
    }

    /// Writes the text as it is at a moment.
    func write(of node: SimulatedNode, at moment: Moment, to buffer: inout ByteBuffer) {
        var start = 0
        for (end, part) in parts {
            buffer.writeBytes(bytes[start..<end])
            start = end
            Self.write(part, of: node, at: moment, to: &buffer)
        }
        buffer.writeBytes(bytes[start...])
    }

    private static func write(_ part: Part, of node: SimulatedNode, at moment: Moment, to buffer: inout ByteBuffer) {
        switch part {
        case .counter(let base, let decimals):
            buffer.writeDecimal(base * (1 + node.activity * moment.hours), decimals: decimals)
        case .drift(let base):
            let wave = 0.05 * moment.wave + 0.01 * node.noise(moment.tick)
            buffer.writeDecimal(base * (1 + (node.activity == 0 ? 0 : wave)), decimals: 0)
        case .step(let base, let decimals):
            let noise = node.activity == 0 ? 0 : node.noise(moment.tick / 8)
            buffer.writeDecimal(base * (1 + (noise * 4).rounded(.down) / 8), decimals: decimals)
        case .uptimeSeconds: buffer.writeDecimal(node.uptime(at: moment), decimals: 0)
        case .uptimeDays: buffer.writeDecimal((node.uptime(at: moment) / 86400).rounded(.down), decimals: 0)
        case .wallClockMicroseconds: buffer.writeDecimal(Double(moment.wallClockMicroseconds), decimals: 0)
        case .recently: buffer.writeDecimal(Double(moment.wallClockMicroseconds / 1_000_000 - 300), decimals: 0)
        case .loading: buffer.writeString(node.failure == .loading ? "1" : "0")
        case .runID: buffer.writeString(node.id)
        case .port: buffer.writeString(node.port)
        case .replication: node.writeReplication(at: moment, to: &buffer)
        case .watchedMaster: node.writeWatchedMaster(to: &buffer)
        }
    }
}

/// A time of the simulation, and what depends on nothing but it.
struct Moment {
    /// Since the start, as fast as the simulation runs.
    let seconds: Double
    let wallClockMicroseconds: Int64
    /// How much of an hour's work is done; never falls, though it is not steady.
    let hours: Double
    /// Between -1 and 1, and back in ten minutes.
    let wave: Double
    /// Counts steps of 15 seconds.
    let tick: Int

    init(seconds: Double, wallClockMicroseconds: Int64) {
        self.seconds = seconds
        self.wallClockMicroseconds = wallClockMicroseconds
        let phase = (seconds / 600).truncatingRemainder(dividingBy: 1)
        wave = phase < 0.5 ? 4 * phase - 1 : 3 - 4 * phase
        // The wave's slope is below 1/100 a second, so that 40 seconds of it never outrun the clock.
        hours = (seconds + 40 * (wave + 1)) / 3600
        tick = Int(seconds / 15)
    }
}

extension ByteBuffer {
    /// Writes a number with as many decimals, without a string for it.
    mutating func writeDecimal(_ value: Double, decimals: Int) {
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64(max(-9e15, min(9e15, (value * Double(scale)).rounded())))
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { digits in
            var rest = scaled.magnitude
            var start = digits.count
            var written = 0
            repeat {
                if decimals > 0, written == decimals {
                    start -= 1
                    digits[start] = UInt8(ascii: ".")
                }
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
                written += 1
            } while rest > 0 || written <= decimals
            if scaled < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Writes a bulk string.
    mutating func writeBulk(_ text: String) {
        writeString("$\(text.utf8.count)\r\n\(text)\r\n")
    }

    /// Writes an array of bulk strings.
    mutating func writeBulks(_ texts: [String]) {
        writeString("*\(texts.count)\r\n")
        for text in texts { writeBulk(text) }
    }
}
