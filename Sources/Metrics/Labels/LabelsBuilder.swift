/// Collects labels one by one and makes a `Labels` of them.
public struct LabelsBuilder: Sendable {
    typealias Pair = (name: String, value: String)

    /// Sorted by the UTF-8 bytes of the name, one entry a name; an empty value marks a removed label.
    private var pairs: [Pair] = []

    /// Starts with no label.
    public init() {}

    /// Starts with the labels of a set.
    public init(_ labels: Labels) {
        pairs = labels.pairs.map { ($0.name, $0.value) }
    }

    /// Adds or replaces a label; an empty value removes it.
    public mutating func set(_ name: String, _ value: String) {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if pairs[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low < pairs.count, pairs[low].name.utf8.elementsEqual(name.utf8) {
            pairs[low].value = value
        } else {
            pairs.insert((name, value), at: low)
        }
    }

    /// Removes a label.
    public mutating func remove(_ name: String) {
        set(name, "")
    }

    /// The value set last, `nil` where there is none.
    public subscript(name: String) -> String? {
        guard let pair = pairs.first(where: { $0.name.utf8.elementsEqual(name.utf8) }), !pair.value.isEmpty else {
            return nil
        }
        return pair.value
    }

    /// The label set collected so far.
    public func labels() -> Labels {
        Labels(sortedPairs: pairs)
    }
}
