import Metrics
import RedisClient

/// One parameter of a server's configuration.
struct ConfigParameter: Sendable, Equatable {
    let name: String
    let value: String
}

/// A parameter of a server's configuration that has another value than when it was read before; never a secret.
public struct ConfigChange: Sendable, Hashable {
    /// The name of the parameter.
    public let parameter: String
    /// The value before.
    public let before: String
    /// The value now.
    public let after: String
}

/// The configuration of a server as last read; without secrets, even in memory.
struct ConfigMemory: Sendable {
    var readAt: Int64 = 0
    var runID: String?
    /// What INFO said at that time of parameters that it has, too.
    var limits: [Int64?] = []
    var parameters: [ConfigParameter] = []
    /// Those of the parameters that INFO does not have.
    var samples = SampleBuffer()

    /// What has changed since an earlier reading: parameters that both know.
    func changes(since earlier: ConfigMemory) -> [ConfigChange] {
        guard !earlier.parameters.isEmpty else { return [] }
        let values = Dictionary(earlier.parameters.map { ($0.name, $0.value) }) { first, _ in first }
        return parameters.compactMap { parameter in
            guard let before = values[parameter.name], before != parameter.value else { return nil }
            return ConfigChange(parameter: parameter.name, before: before, after: parameter.value)
        }
    }

    /// The value of a parameter.
    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }
}

/// Reads replies of CONFIG GET.
enum ConfigParameters {
    /// Redis 8 has about 250.
    private static let limit = 2048
    private static let secretEndings = ["pass", "password", "passwd", "auth", "secret", "token", "hash-seed"]

    /// Whether the value of a parameter must not be shown: passwords of users, masters, Sentinels and key files.
    static func isSecret(_ name: String) -> Bool {
        let lowercased = name.lowercased()
        return secretEndings.contains { lowercased.hasSuffix($0) }
    }

    /// The parameters of flat lists of names and values; those that are secrets are left out.
    static func parse(_ replies: [Reply], _ skips: inout ParseSkips) -> [ConfigParameter] {
        var parameters: [ConfigParameter] = []
        for reply in replies {
            var elements = reply.elements
            while let name = elements.next() {
                guard let value = elements.next() else {
                    skips.add(.malformed)
                    break
                }
                guard name.kind == .string, value.kind == .string else {
                    skips.add(.unexpectedReply)
                    continue
                }
                guard parameters.count < limit else {
                    skips.add(.overLimit)
                    return parameters
                }
                let text = name.text
                if !isSecret(text) { parameters.append(ConfigParameter(name: text, value: value.text)) }
            }
        }
        return parameters
    }
}
