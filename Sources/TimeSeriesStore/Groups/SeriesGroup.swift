public import Metrics
import Synchronization

/// Series that are sampled together: those of one node, or of one rule.
///
/// Made by `TimeSeriesStore.addGroup`. All samples of an append to it share one timestamp. Appends to one group must
/// come one after the other; different groups do not disturb each other.
public final class SeriesGroup: Sendable {
    /// What all series of the group have in common.
    ///
    /// Where a series has a label of the same name, the series' counts.
    public let labels: Labels
    let state: Mutex<GroupState>
    /// The place in the index, set before the group is handed out.
    let slot: UInt32

    init(labels: Labels, slot: UInt32) {
        self.labels = labels
        self.slot = slot
        state = Mutex(GroupState())
    }
}
