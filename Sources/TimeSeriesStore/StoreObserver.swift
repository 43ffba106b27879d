public import Metrics
import Synchronization

/// Who is told of everything that a store takes.
///
/// The calls for one group come in order, while the group is locked: they must be short and must not use the store.
public struct StoreObserver: Sendable {
    let appended: @Sendable ([SeriesKey], [Double], Int64, SeriesGroup) -> Void
    let ended: @Sendable (SeriesGroup, Int64?) -> Void

    /// Joins what is called.
    ///
    /// - Parameters:
    ///   - appended: One append: its keys, which are valid during the call, its values, its time, and the group. Series
    ///     of the append before that are not in it have ended.
    ///   - ended: A group that has ended, and when; it was forgotten with all it held where there is no time.
    public init(
        appended: @escaping @Sendable ([SeriesKey], [Double], Int64, SeriesGroup) -> Void,
        ended: @escaping @Sendable (SeriesGroup, Int64?) -> Void
    ) {
        self.appended = appended
        self.ended = ended
    }
}

extension TimeSeriesStore {
    /// Tells an observer of all that comes from now on, or nobody any more.
    public func observe(with observer: StoreObserver?) {
        self.observer.withLock { $0 = observer }
        isObserved.store(observer != nil, ordering: .releasing)
    }

    /// Whoever is to be told, at the price of one read where it is nobody.
    var currentObserver: StoreObserver? {
        isObserved.load(ordering: .acquiring) ? observer.withLock { $0 } : nil
    }
}
