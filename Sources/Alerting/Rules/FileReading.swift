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

/// Files for a command: paths, patterns of the shell, and folders.
public enum RuleFolders {
    /// The paths and patterns as they are, each folder replaced by the YAML files in it that have a key at their top,
    /// sorted.
    ///
    /// In a folder rules and their tests lie beside each other: `groups` is the key of rule files, `tests` that of
    /// tests.
    /// - Throws: `AlertingError.unreadable` for a folder that cannot be read or has no such file.
    public static func files(_ paths: [String], withKey key: String) throws(AlertingError) -> [String] {
        var result: [String] = []
        for path in paths {
            guard let entries = FileReading.entries(of: path) else {
                result += FileReading.paths(matching: path)
                continue
            }
            var found: [String] = []
            for name in entries.sorted() where name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
                let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                if hasKey(key, try FileReading.bytes(of: file)) { found.append(file) }
            }
            guard !found.isEmpty else {
                throw .unreadable(file: path, reason: "no file in this folder has `\(key):` at its top")
            }
            result += found
        }
        return result
    }

    private static func hasKey(_ key: String, _ bytes: [UInt8]) -> Bool {
        let wanted = Array((key + ":").utf8)
        return bytes.split(separator: UInt8(ascii: "\n")).contains { $0.starts(with: wanted) }
    }
}

extension FileReading {
    /// The names in a folder, `nil` where the path is none.
    fileprivate static func entries(of path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
