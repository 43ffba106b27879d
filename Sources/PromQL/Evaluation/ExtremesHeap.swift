/// The largest or smallest few of many values.
///
/// A binary heap with the weakest kept value at its root, with the sifting order of Go's `container/heap`: so among
/// equal values the same ones stay as in Prometheus.
struct ExtremesHeap {
    struct Entry {
        let value: Double
        let row: Int
    }

    private let capacity: Int
    private let isTop: Bool
    private var entries: [Entry] = []

    init(capacity: Int, isTop: Bool) {
        self.capacity = capacity
        self.isTop = isTop
    }

    mutating func add(_ value: Double, _ row: Int) {
        guard capacity > 0 else { return }
        let entry = Entry(value: value, row: row)
        if entries.count < capacity {
            entries.append(entry)
            siftUp()
        } else if isStronger(value, than: entries[0].value) {
            entries[0] = entry
            siftDown()
        }
    }

    /// The kept values, the strongest first.
    func sorted() -> [Entry] {
        entries.sorted { Evaluator.isBefore($0.value, $1.value, isTop: isTop) }
    }

    private func isStronger(_ value: Double, than root: Double) -> Bool {
        if root.isNaN { return !value.isNaN }
        return isTop ? root < value : root > value
    }

    private func isWeaker(_ left: Int, _ right: Int) -> Bool {
        let value = entries[left].value
        if value.isNaN { return true }
        return isTop ? value < entries[right].value : value > entries[right].value
    }

    private mutating func siftUp() {
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isWeaker(child, parent) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count, isWeaker(child + 1, child) { child += 1 }
            guard isWeaker(child, parent) else { return }
            entries.swapAt(child, parent)
            parent = child
        }
    }
}
