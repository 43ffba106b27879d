import Glibc

/// Reads whole files, such as configuration, secrets and certificates.
public enum FileContents {
    /// The bytes of a file.
    ///
    /// - Parameter limit: The most bytes that are read; a file that has more is an error.
    public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(path: path, code: errno) }
            bytes.append(contentsOf: chunk[..<count])
        }
        throw FileError(path: path, reason: "has more than \(limit) bytes")
    }
}

/// A file that cannot be read.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    public let path: String
    /// Why, as the operating system says it (`Permission denied`), or `has more than 10 bytes`.
    public let reason: String

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, code: Int32) {
        self.init(path: path, reason: String(cString: strerror(code)))
    }

    /// One line with the path and the reason.
    public var description: String {
        "cannot read \(path): \(reason)"
    }
}
