/// The decoded `name=value` items of a query or of a form, in order, names repeated where they were.
public struct QueryItems: Sendable, Hashable {
    /// One item.
    public struct Item: Sendable, Hashable {
        /// The decoded name.
        public let name: String
        /// The decoded value; empty where there was none.
        public let value: String

        /// Creates an item.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All items.
    public private(set) var items: [Item]

    /// Creates a list from decoded items.
    public init(_ items: [Item] = []) {
        self.items = items
    }

    /// The first value of a name, or nil.
    public func first(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Every value of a name, in order.
    public func all(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    /// Reads `application/x-www-form-urlencoded` bytes; nil if a percent sign is not followed by two hexadecimal
    /// digits or if what comes out is not UTF-8.
    init?(parsing bytes: some Collection<UInt8>) {
        items = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ PercentCoding.decode($0, plusIsSpace: true) }),
                let value = parts.count > 1 ? PercentCoding.decode(parts[1], plusIsSpace: true) : ""
            else { return nil }
            items.append(Item(name: name, value: value))
        }
    }

    mutating func append(_ other: QueryItems) {
        items.append(contentsOf: other.items)
    }
}
