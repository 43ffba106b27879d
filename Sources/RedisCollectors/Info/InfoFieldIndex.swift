import Metrics

/// What to do with an INFO field, found by the bytes of its name; built once from the tables.
struct InfoFieldIndex: Sendable {
    /// What a field waits for.
    enum Gate: UInt8, Sendable {
        /// Nothing.
        case open
        /// An option.
        case system, modules
        /// A serial number, which tells whether there is the certificate that the next fields are about.
        case certificateSerial
        /// A certificate that there is.
        case certificate
    }

    /// What is known of one field name.
    struct Field: Sendable {
        fileprivate(set) var family: FamilyID?
        fileprivate(set) var sourceUnit = MetricUnit.none
        fileprivate(set) var unit = MetricUnit.none
        fileprivate(set) var needsConversion = false
        fileprivate(set) var gate = Gate.open
        fileprivate(set) var text: InfoTextField?

        /// The exported value of a number the server sent.
        func exported(_ number: Double) -> Double {
            needsConversion ? sourceUnit.convert(number, to: unit) : number
        }
    }

    private var names = ByteKeyIndex()
    private var fields: [Field] = []

    init() {
        for text in InfoTextField.allCases {
            edit(text.field) { $0.text = text }
        }
    }

    /// Adds a table whose first row has the identifier `first`.
    mutating func add(_ rows: [MetricRow], first: FamilyID, gate: Gate = .open) {
        for (position, row) in rows.enumerated() where !row.field.isEmpty {
            edit(row.field) { field in
                field.family = first.advanced(by: position)
                field.sourceUnit = row.sourceUnit
                field.unit = row.unit
                field.needsConversion = row.sourceUnit != row.unit
                field.gate = gate
            }
        }
    }

    /// Makes names known that become no sample.
    mutating func ignore(_ names: [String], gate: Gate = .open) {
        for name in names {
            edit(name) { $0.gate = gate }
        }
    }

    /// What is known of the name at `range`, `nil` if nothing is.
    func field(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Field? {
        names.find(bytes, range).map { fields[$0] }
    }

    private mutating func edit(_ name: String, _ change: (inout Field) -> Void) {
        let number = names.insert(name)
        if number == fields.count { fields.append(Field()) }
        change(&fields[number])
    }
}
