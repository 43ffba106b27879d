/// Reads a mapping whose fields are known by name, and refuses what nobody asked for.
///
/// ```swift
/// let group = try node.read("a rule group") { fields throws(YAMLError) in
///     Group(name: try fields.required("name").string(), interval: try fields.optional("interval")?.integer())
/// }
/// ```
public struct YAMLFields {
    /// The mapping.
    public let node: YAMLNode
    private let what: String
    private let entries: [YAMLNode.Entry]
    private var known: [String] = []

    init(_ node: YAMLNode, _ what: String) throws(YAMLError) {
        self.node = node
        self.what = what
        entries = try node.entries("\(what), a mapping of fields")
    }

    /// The value of a field, `nil` where the field is absent or null.
    public mutating func optional(_ name: String) -> YAMLNode? {
        known.append(name)
        guard let entry = entries.first(where: { $0.key == name }), !entry.value.isNull else { return nil }
        return entry.value
    }

    /// The value of a field that must be there.
    public mutating func required(_ name: String) throws(YAMLError) -> YAMLNode {
        if let node = optional(name) { return node }
        throw node.error("\(what) has no `\(name)`", expected: "a field `\(name)`")
    }

    /// Where the name of a field stands; the mapping's own place where there is no such field.
    public func location(of name: String) -> YAMLLocation {
        entries.first { $0.key == name }?.keyLocation ?? node.location
    }

    /// Fails at the first field that nobody asked for.
    func refuseUnknown() throws(YAMLError) {
        for entry in entries where !known.contains(entry.key) {
            var problem = "field `\(entry.key)` is not known in \(what)"
            if let near = nearestName(to: entry.key, among: known) {
                problem += ", did you mean `\(near)`?"
            }
            throw YAMLError(at: entry.keyLocation, problem, expected: "one of " + known.joined(separator: ", "))
        }
    }
}

extension YAMLNode {
    /// Reads this node as a mapping of known fields.
    ///
    /// `what` names the mapping in messages (`a rule group`). Every field that `body` did not ask for is an error with
    /// the place of its name and, where one is near, the name that was probably meant.
    public func read<Value>(
        _ what: String,
        _ body: (inout YAMLFields) throws(YAMLError) -> Value
    ) throws(YAMLError) -> Value {
        var fields = try YAMLFields(self, what)
        let value = try body(&fields)
        try fields.refuseUnknown()
        return value
    }
}

/// The candidate that differs by at most two letters or a third of them, `nil` where none does.
///
/// Distance is that of Levenshtein. Long texts are never near anything: the cost is bounded by 64 × 64 per candidate.
public func nearestName(to text: String, among candidates: [String]) -> String? {
    let wanted = Array(text.utf8)
    guard wanted.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let letters = Array(candidate.utf8)
        guard letters.count <= 64 else { continue }
        let distance = editDistance(wanted, letters)
        let limit = min(max(2, letters.count / 3), letters.count - 1, wanted.count - 1)
        if distance <= limit, distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    return best?.name
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, other) in right.enumerated() {
            let replaced = previous[column] + (letter == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
