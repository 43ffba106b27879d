import YAML

/// One key of a mapping in the file, and what its value sets.
struct Key<Section>: Sendable {
    let name: String
    let read: @Sendable (ValueReader, YAMLNode, inout Section) throws(YAMLError) -> Void

    init(
        _ name: String,
        read: @escaping @Sendable (ValueReader, YAMLNode, inout Section) throws(YAMLError) -> Void
    ) {
        self.name = name
        self.read = read
    }

    /// A key whose value is read by a method of `ValueReader`: `Key("timeout", \.timeout, ValueReader.duration)`.
    init<Value>(
        _ name: String,
        _ property: any WritableKeyPath<Section, Value?> & Sendable,
        _ method: @escaping @Sendable (ValueReader) -> (YAMLNode) throws(YAMLError) -> Value
    ) {
        self.name = name
        read = { (reader, node, section) throws(YAMLError) in
            section[keyPath: property] = try method(reader)(node)
        }
    }

    /// A key whose value has a default.
    init<Value>(
        _ name: String,
        _ property: any WritableKeyPath<Section, Value> & Sendable,
        _ method: @escaping @Sendable (ValueReader) -> (YAMLNode) throws(YAMLError) -> Value
    ) {
        self.name = name
        read = { (reader, node, section) throws(YAMLError) in
            section[keyPath: property] = try method(reader)(node)
        }
    }

    /// The key of a part of `Section`, where the file has no mapping of its own for that part.
    init<Part>(_ key: Key<Part>, of part: any WritableKeyPath<Section, Part> & Sendable) {
        name = key.name
        read = { (reader, node, section) throws(YAMLError) in
            try key.read(reader, node, &section[keyPath: part])
        }
    }
}

/// The keys that a mapping in the file may have.
struct KeyTable<Section>: Sendable {
    let keys: [Key<Section>]

    init(_ keys: [Key<Section>]) {
        self.keys = keys
    }

    /// Reads a mapping; a key without a value is as if it were not there.
    ///
    /// - Parameter what: What the mapping is, for messages: `a target`.
    func read(
        _ node: YAMLNode,
        _ what: String,
        with reader: ValueReader,
        into section: inout Section
    ) throws(YAMLError) {
        for entry in try node.entries("\(what), a mapping of keys") {
            guard let key = keys.first(where: { $0.name == entry.key }) else { throw unknown(entry, in: what) }
            if entry.value.isNull { continue }
            try key.read(reader, entry.value, &section)
        }
    }

    private func unknown(_ entry: YAMLNode.Entry, in what: String) -> YAMLError {
        let names = keys.map(\.name)
        let problem = "unknown key \"\(entry.key)\""
        if let near = nearestName(to: entry.key, among: names) {
            return YAMLError(at: entry.keyLocation, "\(problem), did you mean \"\(near)\"?")
        }
        return YAMLError(
            at: entry.keyLocation,
            "\(problem) in \(what)",
            expected: "one of " + names.joined(separator: ", ")
        )
    }
}
