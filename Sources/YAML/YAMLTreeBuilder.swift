/// Makes trees of events with a stack of its own, so that nesting costs no call stack.
struct YAMLTreeBuilder {
    private struct Open {
        var entries: [YAMLNode.Entry] = []
        var items: [YAMLNode] = []
        var merges: [YAMLNode] = []
        /// The key whose value comes next; only in a mapping.
        var key: (name: String, isMerge: Bool, location: YAMLLocation)?
        let isMapping: Bool
        let anchor: String?
        let location: YAMLLocation
        var size = Size(nodes: 1, height: 1)
    }

    /// What a subtree adds to the limits, aliases counted as copies.
    private struct Size {
        var nodes: Int
        var height: Int
    }

    private let file: String
    private let limits: YAMLLimits
    private var stack: [Open] = []
    private var anchors: [String: (node: YAMLNode, size: Size)] = [:]
    private(set) var documents: [YAMLNode] = []

    init(file: String, limits: YAMLLimits) {
        self.file = file
        self.limits = limits
    }

    mutating func add(_ event: YAMLEvent) throws(YAMLError) {
        switch event.kind {
        case .documentStart:
            anchors = [:]
        case .documentEnd:
            break
        case .scalar(let scalar, let anchor):
            let node = YAMLNode(content: .scalar(scalar), location: event.location)
            if try takeKey(scalar, at: event.location) {
                if let anchor { anchors[anchor] = (node, Size(nodes: 1, height: 0)) }
                return
            }
            try finish(node, Size(nodes: 1, height: 0), anchor: anchor)
        case .alias(let name):
            guard let target = anchors[name] else {
                throw YAMLError(
                    at: event.location,
                    "alias `*\(name)` names nothing",
                    expected: "an anchor `&\(name)` before it"
                )
            }
            if case .scalar(let scalar) = target.node.content, try takeKey(scalar, at: event.location) { return }
            try finish(target.node, target.size, anchor: nil)
        case .sequenceStart(let anchor):
            try open(isMapping: false, anchor: anchor, at: event.location)
        case .mappingStart(let anchor):
            try open(isMapping: true, anchor: anchor, at: event.location)
        case .sequenceEnd, .mappingEnd:
            guard let closed = stack.popLast() else { return }
            try close(closed)
        }
    }

    private mutating func open(isMapping: Bool, anchor: String?, at location: YAMLLocation) throws(YAMLError) {
        if let last = stack.last, last.isMapping, last.key == nil {
            throw YAMLError(at: location, "a list or mapping is used as a key", expected: "a text")
        }
        guard stack.count < limits.depth else {
            throw YAMLError(at: location, "nested too deep", expected: "at most \(limits.depth) levels")
        }
        stack.append(Open(isMapping: isMapping, anchor: anchor, location: location))
    }

    /// Takes the scalar as the next key of the innermost mapping; false where a value is due.
    private mutating func takeKey(_ scalar: YAMLNode.Scalar, at location: YAMLLocation) throws(YAMLError) -> Bool {
        guard let last = stack.indices.last, stack[last].isMapping, stack[last].key == nil else { return false }
        let isMerge = scalar.isPlain && scalar.text == "<<"
        stack[last].key = (scalar.text, isMerge, location)
        return true
    }

    private mutating func finish(_ node: YAMLNode, _ size: Size, anchor: String?) throws(YAMLError) {
        if let anchor { anchors[anchor] = (node, size) }
        guard stack.count + size.height <= limits.depth else {
            throw node.error("nested too deep", expected: "at most \(limits.depth) levels")
        }
        guard let last = stack.indices.last else {
            documents.append(node)
            return
        }
        stack[last].size.nodes += size.nodes
        stack[last].size.height = max(stack[last].size.height, size.height + 1)
        guard stack[last].size.nodes <= limits.nodes else {
            throw node.error("too many values after aliases are expanded", expected: "at most \(limits.nodes)")
        }
        guard stack[last].isMapping else {
            stack[last].items.append(node)
            return
        }
        guard let key = stack[last].key else {
            throw node.error("a list or mapping is used as a key", expected: "a text")
        }
        stack[last].key = nil
        if key.isMerge {
            stack[last].merges.append(node)
        } else {
            stack[last].entries.append(YAMLNode.Entry(key: key.name, keyLocation: key.location, value: node))
        }
    }

    private mutating func close(_ closed: Open) throws(YAMLError) {
        let content: YAMLNode.Content
        if closed.isMapping {
            var seen: [String: YAMLLocation] = [:]
            for entry in closed.entries {
                if let first = seen.updateValue(entry.keyLocation, forKey: entry.key) {
                    throw YAMLError(
                        at: entry.keyLocation,
                        "key `\(entry.key)` is there twice, first in line \(first.line)",
                        expected: "each key once"
                    )
                }
            }
            content = .mapping(try closed.entries + merged(closed.merges, present: seen))
        } else {
            content = .sequence(closed.items)
        }
        try finish(YAMLNode(content: content, location: closed.location), closed.size, anchor: closed.anchor)
    }

    /// The entries that merge keys add: those written out win over merged ones, earlier merges over later ones.
    private func merged(
        _ merges: [YAMLNode],
        present: [String: YAMLLocation]
    ) throws(YAMLError) -> [YAMLNode.Entry] {
        var present = present
        var result: [YAMLNode.Entry] = []
        for merge in merges {
            var sources = [merge]
            if case .sequence(let items) = merge.content { sources = items }
            for source in sources {
                guard case .mapping(let entries) = source.content else {
                    throw source.error("`<<` merges \(source.kind)", expected: "a mapping or a list of mappings")
                }
                for entry in entries where present.updateValue(entry.keyLocation, forKey: entry.key) == nil {
                    result.append(entry)
                }
            }
        }
        return result
    }
}
