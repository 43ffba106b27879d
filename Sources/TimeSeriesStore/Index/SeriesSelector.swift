/// Which series a query wants.
///
/// A label that a series does not have is matched as the empty text, as in Prometheus.
public struct SeriesSelector {
    /// A condition on one label.
    public struct Predicate {
        let label: [UInt8]
        let matches: (UnsafeRawBufferPointer) -> Bool

        /// Makes a condition.
        ///
        /// `matches` gets the bytes of the label's value and is asked once a series key and once a group in each query,
        /// whatever the number of series.
        public init(label: String, matches: @escaping (UnsafeRawBufferPointer) -> Bool) {
            self.label = Array(label.utf8)
            self.matches = matches
        }
    }

    /// The exact name of the metric where it is known: only its series are looked at.
    public var metricName: String?
    /// What must hold besides; a condition on `__name__` is possible too.
    public var predicates: [Predicate]

    /// Makes a selector; without arguments it takes every series.
    public init(metricName: String? = nil, predicates: [Predicate] = []) {
        self.metricName = metricName
        self.predicates = predicates
    }
}

extension SeriesSelector.Predicate {
    /// The label has exactly this value.
    public static func equal(_ label: String, _ value: String) -> SeriesSelector.Predicate {
        let wanted = Array(value.utf8)
        return SeriesSelector.Predicate(label: label) { $0.elementsEqual(wanted) }
    }

    /// The label has another value or none.
    public static func notEqual(_ label: String, _ value: String) -> SeriesSelector.Predicate {
        let unwanted = Array(value.utf8)
        return SeriesSelector.Predicate(label: label) { !$0.elementsEqual(unwanted) }
    }
}
