import RedisFleet
import YAML

/// A target as a user gave it, in the file or on the command line.
public struct TargetEntry: Sendable {
    /// Any form that `FleetTarget` reads; may hold credentials.
    public var address: String
    /// The name of the deployment.
    public var name: String?
    /// What is said about this target alone.
    public var settings = TargetSettings()
    /// Where it was given, for messages: `redstart.yml:3:14` or `the command line`.
    public var origin: String

    /// A target that says nothing but its address.
    public init(address: String, origin: String) {
        self.address = address
        self.origin = origin
    }

    static let keys = KeyTable<TargetEntry>(
        [Key("address", \.address, ValueReader.address), Key("name", \.name, ValueReader.text)]
            + TargetSettings.keys.keys.map { Key($0, of: \.settings) }
    )
}

extension ValueReader {
    func targets(_ node: YAMLNode) throws(YAMLError) -> [TargetEntry] {
        var targets: [TargetEntry] = []
        for item in try node.items("a list of targets") { targets.append(try target(item)) }
        return targets
    }

    private func target(_ node: YAMLNode) throws(YAMLError) -> TargetEntry {
        guard case .mapping(let entries) = node.content else {
            // It may be an address with a password.
            throw node.error("a target is a mapping", expected: "address: and the address")
        }
        var target = TargetEntry(address: "", origin: "\(node.location)")
        try TargetEntry.keys.read(node, "a target", with: self, into: &target)
        guard let address = entries.first(where: { $0.key == "address" }), !address.value.isNull else {
            throw node.error("the target has no address", expected: "a key \"address\"")
        }
        target.origin = "\(address.value.location)"
        try target.settings.check(node)
        return target
    }

    func address(_ node: YAMLNode) throws(YAMLError) -> String {
        let address = try text(node)
        do {
            _ = try FleetTarget(address)
        } catch {
            throw node.error(error.message)
        }
        return address
    }
}
