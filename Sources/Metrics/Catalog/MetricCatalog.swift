/// The place of a family in a `MetricCatalog`.
public struct FamilyID: Hashable, Comparable, Sendable {
    /// The index of the row.
    public let index: Int

    /// Names the row at an index.
    public init(index: Int) {
        self.index = index
    }

    /// The family a number of rows further on in the same table.
    public func advanced(by rows: Int) -> FamilyID {
        FamilyID(index: index + rows)
    }

    /// The order of the rows in the catalogue.
    public static func < (left: FamilyID, right: FamilyID) -> Bool {
        left.index < right.index
    }
}

/// Every family the program can expose, in one list.
public struct MetricCatalog: Sendable {
    /// The rows in the order in which they were added.
    public private(set) var rows: [MetricRow] = []

    /// An empty catalogue.
    public init() {}

    /// Adds a table and returns the identifier of its first row; those of the others follow.
    public mutating func add(_ table: [MetricRow]) -> FamilyID {
        let first = FamilyID(index: rows.count)
        rows.append(contentsOf: table)
        return first
    }

    /// The row of a family.
    public subscript(family: FamilyID) -> MetricRow {
        rows[family.index]
    }

    /// The name of a family.
    public func name(of family: FamilyID) -> String {
        rows[family.index].name
    }
}
