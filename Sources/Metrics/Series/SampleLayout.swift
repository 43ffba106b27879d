/// In which order samples are exposed: by family name, within a family as the collector gave them.
final class SampleLayout: Sendable {
    struct Run: Sendable {
        let family: FamilyID
        let rank: Int
        let range: Range<Int>
    }

    /// That of no samples.
    static let empty = SampleLayout(families: [], ranks: [])

    /// Indices into the samples.
    let order: [UInt32]
    /// The families in `order`, sorted by rank.
    let runs: [Run]
    fileprivate let families: [FamilyID]

    init(families: [FamilyID], ranks: [Int]) {
        self.families = families
        var order = families.indices.map { UInt32($0) }
        order.sort { left, right in
            let leftRank = ranks[families[Int(left)].index]
            let rightRank = ranks[families[Int(right)].index]
            return leftRank == rightRank ? left < right : leftRank < rightRank
        }
        var runs: [Run] = []
        var start = 0
        while start < order.count {
            let family = families[Int(order[start])]
            var end = start + 1
            while end < order.count, families[Int(order[end])] == family {
                end += 1
            }
            runs.append(Run(family: family, rank: ranks[family.index], range: start..<end))
            start = end
        }
        self.order = order
        self.runs = runs
    }
}

/// The layouts in use, each once: nodes of one kind have the same families, though their labels differ.
struct SampleLayouts {
    private struct Known {
        weak var layout: SampleLayout?
    }

    private var known: [[FamilyID]: Known] = [:]
    /// When those that nobody has any more are looked for.
    private var nextCleaning = 64

    /// The layout for samples of these families.
    mutating func layout(of families: [FamilyID], ranks: [Int]) -> SampleLayout {
        if let layout = known[families]?.layout { return layout }
        let layout = SampleLayout(families: families, ranks: ranks)
        known[layout.families] = Known(layout: layout)
        if known.count >= nextCleaning {
            known = known.filter { $0.value.layout != nil }
            nextCleaning = max(64, 2 * known.count)
        }
        return layout
    }
}
