public import RedisClient

/// What the names of deployments depend on beside what their nodes say.
public struct DeploymentNaming: Sendable {
    /// The user's name for the only master that is of interest at the Sentinels; `nil` for theirs.
    public var ofMaster: String?
    /// What tells a deployment from another one of the same name, such as the address of the target.
    public var qualifier = ""
    /// Whether another deployment has the name, none of whose nodes is among these.
    public var isTaken: @Sendable (_ name: String, _ nodes: [Endpoint]) -> Bool = { _, _ in false }

    /// Names as they come.
    public init() {}

    func unique(_ name: String, of nodes: [Endpoint]) -> String {
        isTaken(name, nodes) ? "\(name) (\(qualifier))" : name
    }
}
