import Metrics

/// The families of a table whose rows are asked for by name in the code.
protocol MetricFamilies: CaseIterable, RawRepresentable, Sendable where RawValue == Int {
    /// What is known of the family.
    var row: MetricRow { get }
}

extension MetricFamilies {
    /// The table, in the order of the cases.
    static var rows: [MetricRow] {
        allCases.map(\.row)
    }
}

/// Where a table stands in a catalogue.
struct FamilyTable<Families: MetricFamilies>: Sendable {
    private let first: FamilyID

    /// Adds the table to the catalogue.
    init(catalog: inout MetricCatalog) {
        first = catalog.add(Families.rows)
    }

    /// The identifier of one of the families.
    subscript(family: Families) -> FamilyID {
        first.advanced(by: family.rawValue)
    }
}
