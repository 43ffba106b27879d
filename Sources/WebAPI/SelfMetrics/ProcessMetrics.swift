import Glibc
import Metrics

/// What the operating system says about this process, under the names Prometheus clients use for it.
struct ProcessMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "process_cpu_seconds_total", .counter, .seconds,
            help: "User and system CPU time this process has used."
        ),
        MetricRow("", "process_resident_memory_bytes", .gauge, .bytes, help: "Resident memory of this process."),
        MetricRow("", "process_virtual_memory_bytes", .gauge, .bytes, help: "Virtual memory of this process."),
        MetricRow(
            "", "process_virtual_memory_max_bytes", .gauge, .bytes,
            help: "Virtual memory this process may have, as the limit of the system says."
        ),
        MetricRow("", "process_open_fds", .gauge, help: "File descriptors this process has open."),
        MetricRow("", "process_max_fds", .gauge, help: "File descriptors this process may have open."),
        MetricRow(
            "", "process_start_time_seconds", .gauge, .seconds,
            help: "When this process started, in seconds since 1970."
        ),
    ]

    /// The positions of the rows, in their order.
    private enum Row: Int {
        case cpu, resident, virtual, virtualLimit, openDescriptors, descriptorLimit, startTime
    }

    private let first: FamilyID
    private let startTime: Double

    /// Takes the moment of the call for the start of the process; `first` is where the catalogue has `rows`.
    init(first: FamilyID) {
        self.first = first
        startTime = Double(WallClock.milliseconds()) / 1000
    }

    func collect(into buffer: inout SampleBuffer) {
        buffer.append(row(.cpu), Self.cpuSeconds())
        if let pages = Self.memoryPages() {
            let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
            buffer.append(row(.resident), Double(pages.resident) * pageSize)
            buffer.append(row(.virtual), Double(pages.virtual) * pageSize)
        }
        if let limit = Self.limit(RLIMIT_AS) {
            buffer.append(row(.virtualLimit), limit)
        }
        if let descriptors = Self.openDescriptors() {
            buffer.append(row(.openDescriptors), Double(descriptors))
        }
        if let limit = Self.descriptorLimit {
            buffer.append(row(.descriptorLimit), limit)
        }
        buffer.append(row(.startTime), startTime)
    }

    private func row(_ position: Row) -> FamilyID {
        first.advanced(by: position.rawValue)
    }

    /// What getrlimit(2) allows; without a limit the largest number it has, as Prometheus clients say it.
    private static func limit(_ resource: __rlimit_resource) -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(seconds) + Double(microseconds) / 1e6
    }

    /// The first two numbers of `/proc/self/statm`: proc(5).
    private static func memoryPages() -> (virtual: Int, resident: Int)? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 128) { memory, count in
            count = max(0, read(descriptor, memory.baseAddress, 128))
        }
        let numbers = bytes.split(separator: UInt8(ascii: " ")).prefix(2).map { field in
            field.reduce(0) { $0 &* 10 &+ Int($1 &- UInt8(ascii: "0")) }
        }
        guard numbers.count == 2 else { return nil }
        return (virtual: numbers[0], resident: numbers[1])
    }

    /// How many files this process may have open.
    static var descriptorLimit: Double? {
        limit(RLIMIT_NOFILE)
    }

    /// How many files this process has open.
    static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil {
            count += 1
        }
        // Without `.`, `..` and the descriptor that reads the directory.
        return max(0, count - 3)
    }
}
