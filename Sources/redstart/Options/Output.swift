import Glibc
import Logging

/// The standard output of the process.
enum StandardOutput {
    static func write(_ bytes: [UInt8]) {
        writeAll(bytes, to: STDOUT_FILENO)
    }

    static func write(_ text: String) {
        writeAll(Array(text.utf8), to: STDOUT_FILENO)
    }
}

/// The standard error output of the process.
enum StandardError {
    static func write(_ text: String) {
        writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// Writes until all is written or nobody reads any more, which is no error for a filter.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        written += count
    }
}

extension Logger {
    /// For commands that report by their output alone.
    static var silent: Logger {
        Logger(label: "redstart") { _ in SwiftLogNoOpLogHandler() }
    }
}
