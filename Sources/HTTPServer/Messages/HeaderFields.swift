internal import NIOHTTP1

/// Header fields in the order they were sent; names compare without case.
public struct HeaderFields: Sendable, ExpressibleByDictionaryLiteral {
    // NIO's own storage, so a request's fields are taken over without a copy.
    var storage: NIOHTTP1.HTTPHeaders

    init(_ storage: NIOHTTP1.HTTPHeaders) {
        self.storage = storage
    }

    /// Creates fields from names and values.
    public init(dictionaryLiteral elements: (String, String)...) {
        storage = HTTPHeaders(elements)
    }

    /// The first value of a name, or nil.
    public func first(_ name: String) -> String? {
        storage.first(name: name)
    }

    /// Every value of a name, one per field, in order.
    public func all(_ name: String) -> [String] {
        storage[name]
    }

    /// Every value of a name as the one comma-separated list that RFC 9110, section 5.3 makes of them.
    public func combined(_ name: String) -> String? {
        let values = storage[name]
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Adds a field behind the others.
    public mutating func add(_ name: String, _ value: String) {
        storage.add(name: name, value: value)
    }

    /// Sets a field, in place of all with that name.
    public mutating func set(_ name: String, _ value: String) {
        storage.replaceOrAdd(name: name, value: value)
    }
}
