import Metrics

/// Which groups there are, which keys each has, and which keys a metric name has.
///
/// A value: queries take a copy under the lock, which costs a few reference counts, and search in it without. The index
/// may name a group for a key whose column is just being made or removed; who looks into the group then finds none.
struct SeriesIndex {
    struct KeyEntry {
        let key: SeriesKey
        let labels: Labels
        /// The slots of the groups that have the key, ascending.
        var groups: [UInt32]

        var metricName: String {
            labels.metricName ?? ""
        }
    }

    /// By the index of the key.
    private(set) var entries: [KeyEntry?] = []
    private(set) var keysByName: [String: [UInt32]] = [:]
    private(set) var groups: [SeriesGroup?] = []
    private var freeSlots: [UInt32] = []
    /// Groups with the same labels: a series may have gone from one to the other.
    private(set) var slotsByLabels: [Labels: [UInt32]] = [:]
    /// By slot, whether there are other groups with the same labels: asked for every group of every query.
    private(set) var hasTwin: [Bool] = []
    private(set) var keyCount = 0
    /// How many keys were released since the start.
    private(set) var keyReleases = 0
    private var postingCount = 0
    private var labelBytes = 0

    /// An estimate of the memory of the index and of the keys' labels, which live here and in the key table.
    var byteCount: Int {
        entries.capacity * MemoryLayout<KeyEntry?>.stride + postingCount * 5 + groups.capacity * 8
            + slotsByLabels.count * 96 + keyCount * 256 + labelBytes * 2
    }

    func labels(of key: UInt32) -> Labels? {
        Int(key) < entries.count ? entries[Int(key)]?.labels : nil
    }

    /// Takes a slot for a group that `make` creates.
    mutating func addGroup(_ labels: Labels, make: (UInt32) -> SeriesGroup) -> SeriesGroup {
        let slot: UInt32
        let group: SeriesGroup
        if let reused = freeSlots.popLast() {
            slot = reused
            group = make(slot)
            groups[Int(slot)] = group
        } else {
            slot = UInt32(groups.count)
            group = make(slot)
            groups.append(group)
            hasTwin.append(false)
        }
        slotsByLabels[labels, default: []].append(slot)
        markTwins(labels)
        return group
    }

    /// Forgets a group whose keys were all removed before.
    mutating func removeGroup(_ group: SeriesGroup) {
        guard groups[Int(group.slot)] === group else { return }
        groups[Int(group.slot)] = nil
        freeSlots.append(group.slot)
        slotsByLabels[group.labels]?.removeAll { $0 == group.slot }
        if slotsByLabels[group.labels]?.isEmpty == true { slotsByLabels[group.labels] = nil }
        markTwins(group.labels)
    }

    private mutating func markTwins(_ labels: Labels) {
        let slots = slotsByLabels[labels] ?? []
        // Of many, all but the newest are marked already.
        for slot in slots.count > 2 ? slots.suffix(1) : slots[...] { hasTwin[Int(slot)] = slots.count > 1 }
    }

    /// Notes that a group has keys; each key that is new to the index is retained in the table.
    mutating func add(_ keys: [SeriesKey], group: UInt32, table: SeriesKeyTable) {
        for key in keys {
            while entries.count <= key.index {
                entries.append(nil)
            }
            if entries[key.index] == nil {
                addEntry(key, table: table)
            }
            let position = entries[key.index]?.groups.lowerBound(of: group) ?? 0
            entries[key.index]?.groups.insert(group, at: position)
            postingCount += 1
        }
    }

    private mutating func addEntry(_ key: SeriesKey, table: SeriesKeyTable) {
        table.retain(CollectionOfOne(key))
        let labels = table.labels(of: key)
        let entry = KeyEntry(key: key, labels: labels, groups: [])
        let name = entry.metricName
        entries[key.index] = entry
        let position = keysByName[name, default: []].lowerBound(of: UInt32(key.index))
        keysByName[name, default: []].insert(UInt32(key.index), at: position)
        keyCount += 1
        labelBytes += labels.byteCount
    }

    /// Notes that a group has keys no longer; a key that no group has is released.
    mutating func remove(_ keys: [UInt32], group: UInt32, table: SeriesKeyTable) {
        var released: [SeriesKey] = []
        for index in keys {
            guard let entry = entries[Int(index)] else { continue }
            let position = entry.groups.lowerBound(of: group)
            guard position < entry.groups.count, entry.groups[position] == group else { continue }
            postingCount -= 1
            if entry.groups.count > 1 {
                entries[Int(index)]?.groups.remove(at: position)
                continue
            }
            removeEntry(entry)
            released.append(entry.key)
        }
        keyReleases += released.count
        if !released.isEmpty { table.release(released) }
    }

    private mutating func removeEntry(_ entry: KeyEntry) {
        entries[entry.key.index] = nil
        keyCount -= 1
        labelBytes -= entry.labels.byteCount
        let name = entry.metricName
        guard let position = keysByName[name]?.lowerBound(of: UInt32(entry.key.index)) else { return }
        keysByName[name]?.remove(at: position)
        if keysByName[name]?.isEmpty == true { keysByName[name] = nil }
    }
}
