import Glibc

/// The folder with the segments of the log, one file each.
final class SegmentFolder: Sendable {
    let path: String
    private let lock: OpenFile
    private static let attempts = 20

    /// Makes the folder if need be, and takes it for this process.
    init(_ path: String) throws(QueueProblem) {
        self.path = path
        // What is written may name what is nobody else's business.
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("cannot make the folder", path) }
        lock = try OpenFile("\(path)/lock", O_RDWR | O_CREAT)
        // A child of this process has every open file for the moment between its birth and its program's start.
        for _ in 0..<Self.attempts where flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0 { usleep(10_000) }
        guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .locked(path) }
    }

    /// The names of all files.
    func files() throws(QueueProblem) -> [String] {
        guard let folder = opendir(path) else { throw .system("cannot read the folder", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
        return names
    }

    /// The numbers of the segments that there are, the oldest first.
    func segments() throws(QueueProblem) -> [Int] {
        try files().filter { $0.hasSuffix(Self.suffix) }.compactMap { Int($0.dropLast(Self.suffix.count)) }
            .filter { (0..<(1 << 48)).contains($0) }.sorted()
    }

    private static let suffix = ".segment"

    func file(_ segment: Int) -> String {
        let digits = String(segment)
        return "\(path)/" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + Self.suffix
    }

    func remove(_ segment: Int) {
        unlink(file(segment))
    }
}

/// An open file, closed with the last reference.
final class OpenFile: Sendable {
    let descriptor: Int32
    private let path: String

    init(_ path: String, _ flags: Int32) throws(QueueProblem) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("cannot open", path) }
    }

    deinit {
        close(descriptor)
    }

    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Writes all bytes from an offset on; where that fails the file ends there, as it did before.
    func write(_ bytes: [UInt8], at offset: Int) throws(QueueProblem) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let problem = QueueProblem.system("cannot write", path)
                ftruncate(descriptor, off_t(offset))
                throw problem
            }
            written += count
        }
    }

    /// As many bytes as there are, up to a number.
    func read(_ count: Int, at offset: Int) throws(QueueProblem) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = pread(descriptor, target.baseAddress, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                guard got > 0 else { break }
                filled += got
            }
        }
        if failed { throw .system("cannot read", path) }
        return bytes
    }

    /// Waits until the disk has what was written.
    func synchronize() {
        fdatasync(descriptor)
    }
}
