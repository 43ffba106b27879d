import Glibc

/// Times as people at this machine read them.
enum LocalTime {
    enum Format: String {
        case full = "%Y-%m-%d %H:%M:%S"
        case day = "%m-%d %H:%M"
        case clock = "%H:%M:%S"
    }

    /// Seconds since 1970 in the time zone of the machine, with milliseconds where there are any in the full format.
    static func text(_ seconds: Double, _ format: Format) -> String {
        guard seconds.magnitude < 1e12 else { return "\(seconds)" }
        let milliseconds = Int((seconds * 1000).rounded())
        let whole = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        var time = time_t(whole)
        var parts = tm()
        var buffer = [UInt8](repeating: 0, count: 64)
        guard localtime_r(&time, &parts) != nil else { return "\(seconds)" }
        let count = buffer.withUnsafeMutableBytes { bytes in
            strftime(bytes.baseAddress, bytes.count, format.rawValue, &parts)
        }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        let fraction = milliseconds - whole * 1000
        guard format == .full, fraction != 0 else { return text }
        let digits = String(fraction)
        return text + "." + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
