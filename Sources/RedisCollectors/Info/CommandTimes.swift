/// Calls and time by command, from the section Commandstats.
///
/// Latency summaries and histograms take their sums from here, as the server gives none with them.
struct CommandTimes: Sendable {
    /// What one command has cost so far.
    struct Times: Sendable, Equatable {
        let calls: Double
        let microseconds: Double
    }

    private var names = ByteKeyIndex()
    private var times: [Times] = []

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        names.removeAll()
        times.removeAll(keepingCapacity: true)
    }

    /// Notes the times of the command whose name is at `range`.
    mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>, _ new: Times) {
        let number = names.insert(bytes, range)
        if number == times.count {
            times.append(new)
        } else {
            times[number] = new
        }
    }

    /// The times of the command whose name is at `range`.
    func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Times? {
        names.find(bytes, range).map { times[$0] }
    }

    /// Every command, in the order of INFO.
    func forEach(_ body: (_ name: Span<UInt8>, _ times: Times) -> Void) {
        for number in times.indices {
            names.withBytes(at: number) { body($0, times[number]) }
        }
    }
}
