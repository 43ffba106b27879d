import Synchronization

/// Renders the same series again and again, as for a scraper: most values are those of the time before, and to copy
/// the text around those that are not takes a fraction of the time of writing all of it.
public final class RepeatedExposition: Sendable {
    /// What has more samples is rendered each time: a copy of its text would be a lot of memory.
    static let sampleLimit = 16_384

    private let exposition: TextExposition
    /// In the format that was asked for last: a scraper asks for the same all its life.
    private let kept = Mutex<(format: ExpositionFormat, rendering: KeptRendering)?>(nil)

    /// Keeps nothing yet.
    public init(_ exposition: TextExposition) {
        self.exposition = exposition
    }

    /// The exposition of some nodes, the same bytes as `TextExposition.render` gives.
    public func render(_ nodes: [ExposedNode], as format: ExpositionFormat) -> [UInt8] {
        guard nodes.reduce(0, { $0 + $1.samples.keys.count }) <= Self.sampleLimit else {
            kept.withLock { $0 = nil }
            // Not under the lock: several may ask for a lot at a time.
            return exposition.render(nodes, as: format)
        }
        return kept.withLock { kept in
            if kept?.format == format, let bytes = kept?.rendering.update(to: nodes) { return bytes }
            let rendering = KeptRendering(of: nodes, by: exposition, as: format)
            kept = (format, rendering)
            return rendering.bytes
        }
    }
}

/// Where a value stands in a rendering.
struct ValuePlace {
    /// The node's place among the nodes.
    let node: Int
    /// The sample's place among those of the node.
    let sample: Int
    let start: Int
    let count: Int
}

/// A rendering, and what it takes to put other values into it.
struct KeptRendering {
    /// Where a value stands.
    private struct Place {
        /// Its place among the values.
        let value: UInt32
        /// How many bytes are between the value before and this one.
        let gap: UInt32
        var count: UInt32
    }

    private(set) var bytes: [UInt8]
    /// They hold the keys, so that none of them becomes another series' unnoticed.
    private var nodes: [ExposedNode]
    /// Those of all nodes, one after the other.
    private var values: [Double]
    /// In the order of the text.
    private var places: [Place] = []

    init(of nodes: [ExposedNode], by exposition: TextExposition, as format: ExpositionFormat) {
        var found: [ValuePlace]? = []
        bytes = exposition.render(nodes, as: format, notingValuesIn: &found)
        self.nodes = nodes
        values = Self.values(of: nodes)
        var firsts: [Int] = []
        var first = 0
        for node in nodes {
            firsts.append(first)
            first += node.samples.values.count
        }
        var end = 0
        for place in found ?? [] {
            places.append(
                Place(
                    value: UInt32(truncatingIfNeeded: firsts[place.node] + place.sample),
                    gap: UInt32(truncatingIfNeeded: place.start - end),
                    count: UInt32(truncatingIfNeeded: place.count)
                ))
            end = place.start + place.count
        }
    }

    private static func values(of nodes: [ExposedNode]) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(nodes.reduce(0) { $0 + $1.samples.values.count })
        for node in nodes { values += node.samples.values }
        return values
    }

    /// Puts the values of new samples in; `nil` where they are samples of other series.
    mutating func update(to new: [ExposedNode]) -> [UInt8]? {
        guard nodes.elementsEqual(new, by: { $0.hasSameSeries(as: $1) }) else { return nil }
        nodes = new
        let old = values
        values = Self.values(of: new)
        var changed = 0
        for index in old.indices where !Self.isSame(old[index], values[index]) { changed += 1 }
        if changed > 0 { rewrite(from: old, capacity: bytes.count + changed * NumberFormat.maximumByteCount) }
        return bytes
    }

    /// Whether they are the same bits, and so are written the same: what is no number equals nothing.
    private static func isSame(_ left: Double, _ right: Double) -> Bool {
        left.bitPattern == right.bitPattern
    }

    private mutating func rewrite(from old: [Double], capacity: Int) {
        let (before, new) = (bytes, values)
        let (oldBytes, oldValues, newValues) = (before.span, old.span, new.span)
        bytes = [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
            guard let start = memory.baseAddress else { return }
            var cursor = start
            var copied = 0
            var position = 0
            for index in places.indices {
                let place = places[index]
                position += Int(place.gap)
                let end = position + Int(place.count)
                let value = newValues[Int(place.value)]
                if !Self.isSame(value, oldValues[Int(place.value)]) {
                    let text = copy(oldBytes, at: copied, count: position - copied, to: cursor)
                    cursor = NumberFormat.write(value, to: text)
                    places[index].count = UInt32(truncatingIfNeeded: cursor - text)
                    copied = end
                }
                position = end
            }
            cursor = copy(oldBytes, at: copied, count: oldBytes.count - copied, to: cursor)
            count = cursor - start
        }
    }
}

extension ExposedNode {
    /// Whether another one differs in nothing but values.
    ///
    /// Quick where it is so: the resolver of a node hands out the same array of keys with each poll.
    fileprivate func hasSameSeries(as other: ExposedNode) -> Bool {
        samples.layout === other.samples.layout && samples.keys == other.samples.keys && labelText == other.labelText
    }
}
