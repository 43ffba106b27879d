import Metrics

/// Fields that no table knows, so that a new server version shows itself.
enum InfoUnknownFields: Int, MetricFamilies {
    case number

    /// Fields beyond this number are left out.
    static let limit = 256
    /// A longer name is no field name.
    static let nameLimit = 128

    var row: MetricRow {
        MetricRow(
            "", "redis_info_unknown_field", .gauge, labels: ["field"],
            help: "Numbers of INFO fields that this version does not know, by the name of the field."
        )
    }
}

extension FamilyTable<InfoUnknownFields> {
    /// Adds the sample of a field if it is a number, and notes its name.
    func add(
        _ bytes: Span<UInt8>,
        _ line: InfoLine,
        names: inout [String],
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        guard names.count < InfoUnknownFields.limit, line.name.count <= InfoUnknownFields.nameLimit else {
            skips.add(.overLimit)
            return
        }
        names.append(bytes.text(in: line.name))
        guard let value = bytes.decimal(in: line.value) else { return }
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(line.name))
        buffer.append(self[.number], labelsFrom: labels, value)
    }
}
