/// The headers of all families in one format, in one arena.
struct FamilyHeaders: Sendable {
    /// A header and the samples of its family that stand below it.
    struct Section: Sendable {
        let start: Int
        let count: Int
        /// Only the samples of this role; `nil` for all.
        let role: SampleRole?
    }

    let bytes: [UInt8]
    private let sections: [Section]
    /// By rank of the family the end of its sections, after one entry that is zero.
    private let bounds: [Int]

    init(_ table: SeriesKeyTable, _ headers: (FamilyID) -> [(text: String, role: SampleRole?)]) {
        var bytes: [UInt8] = []
        var sections: [Section] = []
        var bounds = [0]
        let families = table.ranks.indices.sorted { table.ranks[$0] < table.ranks[$1] }
        for family in families {
            for (text, role) in headers(FamilyID(index: family)) {
                sections.append(Section(start: bytes.count, count: text.utf8.count, role: role))
                bytes.append(contentsOf: text.utf8)
            }
            bounds.append(sections.count)
        }
        self.bytes = bytes
        self.sections = sections
        self.bounds = bounds
    }

    /// The sections of a family.
    func sections(rank: Int) -> ArraySlice<Section> {
        sections[bounds[rank]..<bounds[rank + 1]]
    }
}
