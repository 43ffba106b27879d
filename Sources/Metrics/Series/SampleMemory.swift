/// The samples of things of one kind, such as commands, of which every poll tells the same in the same order.
///
/// What is told again only gets new values: families and labels are those of the poll before.
public struct SampleMemory: Sendable {
    /// One thing and where it is.
    private struct Item {
        let nameEnd: Int
        let shape: Int
        let start: SampleBuffer.Mark
    }

    private var samples = SampleBuffer()
    private var items: [Item] = []
    private var names: [UInt8] = []
    /// How many things this poll has told.
    private var told = 0
    /// The values of the samples of the thing that is told next, in the order of these.
    public var values: [Double] = []

    /// Nothing was told yet.
    public init() {}

    /// Tells of the next thing what `values` says, and empties these.
    ///
    /// - Parameters:
    ///   - shape: Things of one name and shape have the same samples but for their values.
    ///   - add: Adds these samples, one a value, with any values.
    public mutating func tell(_ name: Span<UInt8>, shape: Int = 0, adding add: (inout SampleBuffer) -> Void) {
        if !isKnown(name, shape) {
            forget(from: told)
            name.withUnsafeBytes { names.append(contentsOf: $0) }
            items.append(Item(nameEnd: names.count, shape: shape, start: samples.mark))
            add(&samples)
        }
        samples.setValues(values, at: items[told].start)
        values.removeAll(keepingCapacity: true)
        told += 1
    }

    /// Tells of the next thing what the poll before told of it; `false` where that told of another one.
    public mutating func tellAgain(_ name: Span<UInt8>, shape: Int = 0) -> Bool {
        guard isKnown(name, shape) else { return false }
        told += 1
        return true
    }

    /// Adds the samples of all that was told since the last call.
    public mutating func end(into buffer: inout SampleBuffer) {
        forget(from: told)
        buffer.append(contentsOf: samples)
        told = 0
    }

    private func isKnown(_ name: Span<UInt8>, _ shape: Int) -> Bool {
        guard told < items.count, items[told].shape == shape else { return false }
        let start = told > 0 ? items[told - 1].nameEnd : 0
        return names.withUnsafeBytes { names in
            name.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: names[start..<items[told].nameEnd]).equals($0) }
        }
    }

    /// Forgets things from a place on: another one has come in between.
    private mutating func forget(from place: Int) {
        guard place < items.count else { return }
        samples.truncate(to: items[place].start)
        names.removeLast(names.count - (place > 0 ? items[place - 1].nameEnd : 0))
        items.removeLast(items.count - place)
    }
}
