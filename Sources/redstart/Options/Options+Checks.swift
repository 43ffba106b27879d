import FoundationEssentials
import PromQL
import RedisCollectors

extension Options {
    /// The largest script that is taken; Redis would take more, but nobody writes more.
    private static let scriptLimit = 1 << 20

    /// The heavy checks with all that stands in files.
    ///
    /// - Parameter isOneShot: Whether they are made in each poll, as there is no time for a schedule.
    /// - Throws: `InvalidOption` of a script that cannot be read, or of a pattern that is no regular expression.
    func readChecks(isOneShot: Bool) throws(InvalidOption) -> CheckOptions {
        var checks = checks
        checks.schedule = isOneShot ? .withPoll : .every(checkInterval)
        checks.scripts = []
        for path in scriptFiles {
            checks.scripts.append(CheckScript(filename: Self.fileName(path), source: try Self.script(path)))
        }
        checks.searchIndexes = includesSearchIndexes ? try searchIndexFilter() : nil
        return checks
    }

    /// Which indexes match somewhere in their name, as in Go.
    private func searchIndexFilter() throws(InvalidOption) -> SearchIndexFilter {
        guard searchIndexPattern != ".*" else { return .all }
        do throws(QueryError) {
            let expression = try RegularExpression("(?s:.*)(?:\(searchIndexPattern))(?s:.*)")
            return SearchIndexFilter(pattern: searchIndexPattern) { expression.matches($0) }
        } catch {
            throw InvalidOption("--check-search-indexes: '\(searchIndexPattern)' is no regular expression of RE2")
        }
    }

    private static func script(_ path: String) throws(InvalidOption) -> String {
        do {
            let bytes = try Data(contentsOf: URL(filePath: path))
            guard bytes.count <= scriptLimit, let text = String(validating: bytes, as: UTF8.self) else {
                throw InvalidOption("--script \(path): more than \(scriptLimit) bytes, or no text")
            }
            return text
        } catch let error as InvalidOption {
            throw error
        } catch {
            throw InvalidOption("--script \(path): the file cannot be read. Does it exist, and may Redstart read it?")
        }
    }

    /// The file without its folder, as redis_exporter labels results.
    private static func fileName(_ path: String) -> String {
        String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }
}
