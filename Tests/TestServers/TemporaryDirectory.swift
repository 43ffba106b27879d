import Glibc
import Synchronization

/// A folder of a test's own, removed with everything in it when the last reference goes.
public final class TemporaryDirectory: Sendable {
    /// The absolute path.
    public let path: String
    private let lastNumber = Mutex(0)

    /// Makes a new folder below `TMPDIR` or `/tmp`.
    public init() throws(TestServerError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/redstart-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestServerError("cannot make a folder in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let removal = try? spawn(["rm", "-rf", path], log: "/dev/null") else { return }
        waitForExit(of: removal)
    }

    /// A number that is new in this folder, for names of files.
    func nextNumber() -> Int {
        lastNumber.withLock { number in
            number += 1
            return number
        }
    }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Writes a file in the folder and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws(TestServerError) -> String {
        let path = file(name)
        guard let stream = fopen(path, "we") else {
            throw TestServerError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(stream) }
        fputs(text, stream)
        return path
    }
}

extension TemporaryDirectory {
    /// Writes a rule file with one group, which is evaluated every `interval`, and returns its path.
    ///
    /// - Parameter rules: A list in YAML, not indented.
    public func writeRules(every interval: String, _ rules: String) throws(TestServerError) -> String {
        let lines = rules.split(separator: "\n").map { "      \($0)\n" }.joined()
        return try write(
            "groups:\n  - name: test\n    interval: \(interval)\n    rules:\n\(lines)", to: "own.rules.yml")
    }
}

/// A file's text; empty when there is none.
public func readText(_ path: String) -> String {
    guard let stream = fopen(path, "re") else { return "" }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
        bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}
