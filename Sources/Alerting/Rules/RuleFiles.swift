public import PromQL
import YAML

/// Reads rule files of Prometheus.
public struct RuleFiles: Sendable {
    /// The interval of groups that name none.
    public var defaultIntervalMilliseconds: Int64
    /// The query offset of groups that name none.
    public var defaultQueryOffsetMilliseconds: Int64
    /// What expressions may use.
    public var queryOptions: Query.Options

    /// Reads with the defaults of Prometheus: an evaluation a minute.
    public init(
        defaultIntervalMilliseconds: Int64 = 60_000,
        defaultQueryOffsetMilliseconds: Int64 = 0,
        queryOptions: Query.Options = Query.Options()
    ) {
        self.defaultIntervalMilliseconds = defaultIntervalMilliseconds
        self.defaultQueryOffsetMilliseconds = defaultQueryOffsetMilliseconds
        self.queryOptions = queryOptions
    }

    /// The groups of all files that the paths and patterns name; a file named twice is read once.
    ///
    /// A pattern that matches nothing is no error, as in Prometheus; a path that is not there is one.
    /// - Throws: `AlertingError` with the problems of all files.
    public func load(_ patterns: [String]) throws(AlertingError) -> [RuleGroup] {
        var seen: Set<String> = []
        var groups: [RuleGroup] = []
        var problems: [FileProblem] = []
        for pattern in patterns {
            for path in FileReading.paths(matching: pattern) where seen.insert(path).inserted {
                do {
                    groups += try parse(try FileReading.bytes(of: path), file: path)
                } catch .invalidFiles(let found) {
                    problems += found
                }
            }
        }
        if !problems.isEmpty { throw .invalidFiles(problems) }
        return groups
    }

    /// The groups of one file: of all its YAML documents.
    ///
    /// - Throws: `AlertingError.invalidFiles` with every problem found, each with its place.
    public func parse(_ bytes: [UInt8], file: String) throws(AlertingError) -> [RuleGroup] {
        var reader = RuleFileReader(options: self, source: SourceText(bytes))
        let groups = reader.read(bytes, file: file)
        if !reader.problems.isEmpty { throw .invalidFiles(reader.problems) }
        return groups
    }
}
