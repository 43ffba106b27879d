import Glibc
import ServiceLifecycle

/// Gives back, once, what only the start of the program needed.
///
/// The loader reads all relocations, and options, catalogue and rules are parsed once: several megabytes of the
/// program's own file stay mapped for code that never runs again. The pages are dropped from this process; what is
/// used later is mapped anew from the page cache, which costs microseconds.
struct StartupMemoryService: Service {
    private static let startupTime: Duration = .seconds(20)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard (try? await Task.sleep(for: Self.startupTime)) != nil else { return }
            Self.dropCode()
        }
        // A service that returns would end the program.
        try? await gracefulShutdown()
    }

    /// Drops the pages of all executable mappings of files: clean by their nature, since nobody may write to them.
    private static func dropCode() {
        for line in mappings().split(separator: UInt8(ascii: "\n")) {
            // `start-end perms offset device inode path`: proc(5).
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count >= 6, fields[1].elementsEqual("r-xp".utf8), fields[5].first == UInt8(ascii: "/") else {
                continue
            }
            let bounds = fields[0].split(separator: UInt8(ascii: "-")).compactMap {
                UInt(String(decoding: $0, as: UTF8.self), radix: 16)
            }
            guard bounds.count == 2, bounds[0] < bounds[1] else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: bounds[0]), Int(bounds[1] - bounds[0]), MADV_DONTNEED)
        }
    }

    private static func mappings() -> [UInt8] {
        let descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return text }
            text.append(contentsOf: piece[..<count])
        }
    }
}
