/// What a client accepts: the `Accept` field, taken apart (RFC 9110, section 12.5.1).
public struct Accept: Sendable, Hashable {
    /// A range of media types and how much the client likes it.
    public struct Entry: Sendable, Hashable {
        /// The range.
        public let range: MediaType
        /// The weight in thousandths, 0 (never) to 1000.
        public let quality: Int
    }

    /// The entries in the order they were sent; those that cannot be read are left out.
    public let entries: [Entry]

    /// Takes a field apart.
    ///
    /// It never fails: what cannot be read is skipped, and nothing at all accepts nothing.
    public init(parsing text: String) {
        var reader = FieldValueReader(text)
        var entries: [Entry] = []
        while let element = reader.nextElement() {
            if let entry = Self.entry(element) { entries.append(entry) }
        }
        self.entries = entries
    }

    /// How much the client likes `offer`, in thousandths: what the most exact range that names it says, else 0.
    public func quality(of offer: MediaType) -> Int {
        var best = (specificity: -1, quality: 0)
        for entry in entries {
            guard let specificity = entry.range.specificity(for: offer) else { continue }
            if specificity > best.specificity || (specificity == best.specificity && entry.quality > best.quality) {
                best = (specificity, entry.quality)
            }
        }
        return best.quality
    }

    /// The index of the offer the client likes best, the earlier of two it likes the same; nil if it likes none.
    public func preferredIndex(among offers: [MediaType]) -> Int? {
        var best: (index: Int, quality: Int)?
        for (index, offer) in offers.enumerated() {
            let quality = quality(of: offer)
            if quality > (best?.quality ?? 0) { best = (index, quality) }
        }
        return best?.index
    }

    private static func entry(_ element: FieldValueReader.Element) -> Entry? {
        let names = element.value.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
        guard let quality = element.quality else { return nil }
        let parameters = element.parameters.map { MediaType.Parameter($0.name, $0.value) }
        return Entry(range: MediaType(String(names[0]), String(names[1]), parameters), quality: quality)
    }
}
