import RedisFleet
import YAML

extension NodeCredentials {
    static let keys = KeyTable<NodeCredentials>([
        Key("user", \.user, ValueReader.text),
        Key("password", \.password, ValueReader.secret),
        Key("password_file", \.passwordFile, ValueReader.path),
    ])

    /// What the other says where these do not; a password and its file are one thing.
    func filled(from other: NodeCredentials) -> NodeCredentials {
        var result = self
        result.user = user ?? other.user
        if password == nil, passwordFile == nil {
            result.password = other.password
            result.passwordFile = other.passwordFile
        }
        return result
    }

    func requireOnePassword(_ node: YAMLNode) throws(YAMLError) {
        guard password == nil || passwordFile == nil else {
            throw node.error("there are two passwords", expected: "either password or password_file")
        }
    }
}

extension ValueReader {
    func credentials(_ node: YAMLNode) throws(YAMLError) -> NodeCredentials {
        // Whoever writes the password here must not read it in a message.
        guard case .mapping = node.content else {
            throw node.error("credentials are a mapping", expected: "user, password or password_file")
        }
        var credentials = NodeCredentials()
        try NodeCredentials.keys.read(node, "credentials", with: self, into: &credentials)
        try credentials.requireOnePassword(node)
        return credentials
    }
}
