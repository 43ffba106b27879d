import Glibc
import ServiceLifecycle

/// Gives back, once, what only the start of the program needed.
///
/// The loader reads all relocations, and options, catalogue and rules are parsed once: several megabytes of the
/// program's own file stay mapped for code that never runs again. The pages are dropped from this process; what is
/// used later is mapped anew from the page cache, which costs microseconds.
struct StartupMemoryService: Service {
    private static let startupTime: Duration = .seconds(20)
    /// With a used page of code the kernel maps up to 64 KB around it, of which little is used, but never across the
    /// border of a mapping: so there is a border every 16 KB.
    private static let piece: UInt = 16 << 10
    /// Smaller mappings stay whole: a border costs the kernel memory, too.
    private static let divisibleLength: UInt = 1 << 20

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard (try? await Task.sleep(for: Self.startupTime)) != nil else { return }
            for mapping in Self.fileMappings() { mapping.drop() }
        }
        // A service that returns would end the program.
        try? await gracefulShutdown()
    }

    /// Pages of a file that nobody can have changed.
    private struct Mapping {
        let start: UInt
        let end: UInt
        let isCode: Bool

        /// Reads a line of `/proc/self/maps`: `start-end permissions offset device inode path`, proc(5).
        ///
        /// Nobody may write to code, nor to the first segment of a file; the loader writes to others that look the same
        /// now (RELRO).
        init?(line: ArraySlice<UInt8>) {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count >= 6, fields[5].first == UInt8(ascii: "/") else { return nil }
            isCode = fields[1].elementsEqual("r-xp".utf8)
            let isFirst = fields[1].elementsEqual("r--p".utf8) && fields[2].allSatisfy { $0 == UInt8(ascii: "0") }
            let bounds = fields[0].split(separator: UInt8(ascii: "-")).compactMap {
                UInt(String(decoding: $0, as: UTF8.self), radix: 16)
            }
            guard isCode || isFirst, bounds.count == 2, bounds[0] < bounds[1] else { return nil }
            (start, end) = (bounds[0], bounds[1])
        }

        func drop() {
            if isCode, end - start >= divisibleLength {
                // Any difference between neighbours is a border; cores hold no code of files anyway.
                for address in stride(from: start, to: end, by: Int(piece) * 2) {
                    advise(address, min(piece, end - address), MADV_DONTDUMP)
                }
            }
            advise(start, end - start, MADV_DONTNEED)
        }

        private func advise(_ address: UInt, _ length: UInt, _ advice: Int32) {
            madvise(UnsafeMutableRawPointer(bitPattern: address), Int(length), advice)
        }
    }

    private static func fileMappings() -> [Mapping] {
        mappings().split(separator: UInt8(ascii: "\n")).compactMap { Mapping(line: $0) }
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
