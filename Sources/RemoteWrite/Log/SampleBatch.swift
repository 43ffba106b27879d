/// Samples that wait to be encoded, in the order in which they were appended.
struct SampleBatch {
    /// One sample.
    struct Sample {
        /// Where its labels stand in `pairs`.
        let firstPair: Int
        let pairCount: Int
        /// What its family is, a place in the `FamilyIndex`; -1 where that is not known.
        let family: Int
        /// The same for the same labels, in every process.
        let hash: UInt64
        let value: Double
        let timestamp: Int64
        /// Since when a counter counts; 0 where that is not known.
        let startTimestamp: Int64
    }

    var samples: [Sample] = []
    /// The labels of each, sorted by name.
    var pairs: [LabelPair] = []
    /// Samples that a rule of relabelling has dropped.
    var relabelled = 0
    /// Samples that were too old.
    var tooOld = 0

    var count: Int {
        samples.count
    }

    func labels(of sample: Sample) -> ArraySlice<LabelPair> {
        pairs[sample.firstPair..<(sample.firstPair + sample.pairCount)]
    }

    mutating func removeAll() {
        samples.removeAll(keepingCapacity: true)
        pairs.removeAll(keepingCapacity: true)
        relabelled = 0
        tooOld = 0
    }
}
