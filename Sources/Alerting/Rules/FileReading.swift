import Files
import Glibc

/// The few things that are done with files: reading one and finding those that match a pattern.
enum FileReading {
    /// The bytes of a file, at most `limit` of them.
    static func bytes(of path: String, limit: Int = 64 << 20) throws(AlertingError) -> [UInt8] {
        do {
            return try FileContents.read(path, limit: limit)
        } catch {
            throw .unreadable(file: path, reason: error.reason)
        }
    }

    /// The files that a path or a pattern of the shell names, sorted; a path without a pattern is itself.
    static func paths(matching pattern: String) -> [String] {
        guard pattern.utf8.contains(where: { "*?[".utf8.contains($0) }) else { return [pattern] }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(cString: $0) }
        }
    }

    /// A path as it is seen from the folder of another file.
    static func path(_ path: String, besides file: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let slash = file.lastIndex(of: "/") else { return path }
        return String(file[...slash]) + path
    }
}
