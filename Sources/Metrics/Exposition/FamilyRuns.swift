/// Which samples of which nodes belong to each family, for an exposition of many nodes.
///
/// A counting sort over the families: one pass over the runs of all nodes, whatever their number.
struct FamilyRuns {
    /// Some samples of one family of one node, as positions in the node's layout.
    struct Run {
        let node: UInt32
        let start: UInt32
        let end: UInt32
    }

    let familyCount: Int
    /// By rank of the family, within a family in the order of the nodes.
    let runs: [Run]
    /// By rank the end of the family's runs, after one entry that is zero.
    private let bounds: [UInt32]

    init(of nodes: [ExposedNode], familyCount: Int) {
        self.familyCount = familyCount
        // Two entries ahead of their place, so that filling the runs below moves each to where it belongs.
        var bounds = [UInt32](repeating: 0, count: familyCount + 2)
        for node in nodes {
            let own = node.samples.layout.runs
            let runs = own.span
            for index in runs.indices { bounds[runs[index].rank + 2] += 1 }
        }
        for index in 2..<bounds.count { bounds[index] += bounds[index - 1] }
        var sorted = [Run](repeating: Run(node: 0, start: 0, end: 0), count: Int(bounds[familyCount + 1]))
        for (number, node) in nodes.enumerated() {
            let own = node.samples.layout.runs
            let runs = own.span
            for index in runs.indices {
                let run = runs[index]
                sorted[Int(bounds[run.rank + 1])] = Run(
                    node: UInt32(truncatingIfNeeded: number),
                    start: UInt32(truncatingIfNeeded: run.range.lowerBound),
                    end: UInt32(truncatingIfNeeded: run.range.upperBound)
                )
                bounds[run.rank + 1] += 1
            }
        }
        runs = sorted
        self.bounds = bounds
    }

    /// Where the runs of a family are.
    func range(rank: Int) -> Range<Int> {
        Int(bounds[rank])..<Int(bounds[rank + 1])
    }
}
