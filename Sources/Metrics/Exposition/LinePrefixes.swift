/// What the lines of all series start with, by key, in one arena: `name`, or `name{a="b"` without the closing brace.
///
/// One array for all, so that writing a line copies bytes and touches no reference count.
struct LinePrefixes: Sendable {
    /// The place of a key's prefix in the arena.
    struct Place: Sendable {
        let start: UInt32
        let count: UInt32
        /// Whether the prefix has an open brace.
        let hasLabels: Bool
        let role: SampleRole
    }

    let bytes: [UInt8]
    let places: [Place]

    init(_ entries: [SeriesKeyTable.Entry]) {
        var bytes: [UInt8] = []
        places = entries.map { entry in
            let start = bytes.count
            LabelText.appendPrefix(of: entry.labels, to: &bytes)
            return Place(
                start: UInt32(truncatingIfNeeded: start),
                count: UInt32(truncatingIfNeeded: bytes.count - start),
                hasLabels: entry.labels.count > 1,
                role: entry.role
            )
        }
        self.bytes = bytes
    }
}
