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
        MetricRow("", "process_open_fds", .gauge, help: "File descriptors this process has open."),
        MetricRow("", "process_max_fds", .gauge, help: "File descriptors this process may have open."),
        MetricRow(
            "", "process_start_time_seconds", .gauge, .seconds,
            help: "When this process started, in seconds since 1970."
        ),
    ]

    private let first: FamilyID
    private let startTime: Double

    /// Takes the moment of the call for the start of the process; `first` is where the catalogue has `rows`.
    init(first: FamilyID) {
        self.first = first
        startTime = Double(WallClock.milliseconds()) / 1000
    }

    func collect(into buffer: inout SampleBuffer) {
        buffer.append(first, Self.cpuSeconds())
        if let pages = Self.memoryPages() {
            let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
            buffer.append(first.advanced(by: 1), Double(pages.resident) * pageSize)
            buffer.append(first.advanced(by: 2), Double(pages.virtual) * pageSize)
        }
        if let descriptors = Self.openDescriptors() {
            buffer.append(first.advanced(by: 3), Double(descriptors))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            buffer.append(first.advanced(by: 4), Double(limit.rlim_cur))
        }
        buffer.append(first.advanced(by: 5), startTime)
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

    private static func openDescriptors() -> Int? {
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
