import Glibc
import Logging

/// The standard output of the process.
enum StandardOutput {
    /// - Throws: `OutputError` where not all could be written, such as on a full disk.
    static func write(_ bytes: [UInt8]) throws(OutputError) {
        try writeAll(bytes, to: STDOUT_FILENO)
    }

    /// - Throws: `OutputError` where not all could be written, such as on a full disk.
    static func write(_ text: String) throws(OutputError) {
        try writeAll(Array(text.utf8), to: STDOUT_FILENO)
    }
}

/// The standard error output of the process.
enum StandardError {
    /// Writes what can be written: there is nowhere to complain.
    static func write(_ text: String) {
        try? writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// The output could not be written.
struct OutputError: Error, CustomStringConvertible {
    let code: Int32

    var description: String {
        "cannot write the output: \(String(cString: strerror(code)))"
    }
}

/// Writes until all is written or nobody reads any more, which is no error for a filter.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(OutputError) {
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            if errno == EPIPE { return }
            throw OutputError(code: errno)
        }
        written += count
    }
}

extension Logger {
    /// For commands that report by their output alone.
    static var silent: Logger {
        Logger(label: "redstart") { _ in SwiftLogNoOpLogHandler() }
    }
}
