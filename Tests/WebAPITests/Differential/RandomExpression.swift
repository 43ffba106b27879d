import TestServers

/// Makes random expressions over the series of `RandomSeries`, of kinds that Prometheus 2.42 knows and that mean the
/// same in Prometheus 3.
///
/// What jumps (rounding, remainders, equality) is applied to exact values only: two programs may differ in the last
/// bit of others. The order of ties is left open by the language, so `topk` sees different values only. Left out for
/// what Prometheus 2.42 does with them: `predict_linear` with `@` (it loses points), `atan2` of two vectors (it keeps
/// the name), `stddev` of a single NaN (0 there), and subqueries in subqueries (their left ends are at points of the inner one).
struct RandomExpression {
    var random: SeededGenerator
    private var isInSubquery = false

    init(random: SeededGenerator) {
        self.random = random
    }

    private static let ranges = ["1m", "2m30s", "5m", "90s", "10m"]

    /// An expression; `depth` bounds how deep it is nested.
    mutating func make(depth: Int = 3) -> String {
        guard depth > 0 else { return random.chance(60) ? gauge() : overRange() }
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return gauge()
        case 1, 2: return overRange()
        case 3 where !isInSubquery: return subquery(depth: depth - 1)
        case 4, 5: return aggregate(make(depth: depth - 1))
        case 6: return ordered()
        case 7: return scalarOperation(make(depth: depth - 1))
        case 8: return matched()
        case 9: return set(depth: depth - 1)
        case 10: return mathematics(make(depth: depth - 1))
        case 11: return exact()
        case 12: return histogram()
        default: return labels(depth: depth - 1)
        }
    }

    private mutating func selector(_ name: String) -> String {
        let matchers = random.pick([
            "", "", "", #"{instance="a"}"#, #"{instance=~"a|c"}"#, #"{instance!="b"}"#, #"{zone!~"x.*"}"#,
            #"{zone=""}"#, #"{instance=~".+"}"#,
        ])
        return name + matchers
    }

    private mutating func modifier() -> String {
        let at = "@ \(RandomSeries.start + 607 + Int64.random(in: 0..<20, using: &random) * 60)"
        return random.pick([
            "", "", "", "", " offset 1m", " offset 5m", " offset -2m", " \(at)", " @ start()", " @ end()",
        ])
    }

    private mutating func gauge() -> String {
        selector(random.pick(["m_gauge", "m_gauge", "m_other", "m_state"])) + modifier()
    }

    private mutating func overRange() -> String {
        let range = "[\(random.pick(Self.ranges))]"
        if random.chance(40) {
            let function = random.pick(["rate", "increase", "irate", "resets", "changes"])
            return "\(function)(\(selector("m_total"))\(range)\(modifier()))"
        }
        let plain = selector(random.pick(["m_gauge", "m_other", "m_state"])) + range
        let series = plain + modifier()
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return "quantile_over_time(\(random.pick(["0", "0.5", "0.9", "1"])), \(series))"
        case 1: return "predict_linear(\(plain), \(random.pick(["60", "3600", "-120"])))"
        case 2: return "absent_over_time(\(series))"
        default:
            let function = random.pick([
                "avg_over_time", "sum_over_time", "min_over_time", "max_over_time", "count_over_time",
                "stddev_over_time", "stdvar_over_time", "last_over_time", "present_over_time", "delta", "idelta",
                "deriv", "changes", "resets",
            ])
            return "\(function)(\(series))"
        }
    }

    private mutating func subquery(depth: Int) -> String {
        let function = random.pick([
            "avg_over_time", "max_over_time", "min_over_time", "sum_over_time", "count_over_time", "last_over_time",
            "delta", "stddev_over_time",
        ])
        let step = random.pick(["15s", "30s", "1m", ""])
        isInSubquery = true
        let inner = make(depth: min(depth, 1))
        isInSubquery = false
        return "\(function)((\(inner))[\(random.pick(["2m", "5m", "10m"])):\(step)]\(modifier()))"
    }

    private mutating func aggregate(_ inner: String) -> String {
        let grouping = random.pick([
            "", " by (instance)", " by (zone)", " by (zone, kind)", " without (instance)", " without (code, kind)",
            " by (nothing)",
        ])
        if random.chance(15) {
            return "quantile\(grouping) (\(random.pick(["0.25", "0.5", "0.99"])), \(inner))"
        }
        if random.chance(20) { return "\(random.pick(["stddev", "stdvar"]))\(grouping) (\(gauge()))" }
        let operation = random.pick(["sum", "avg", "min", "max", "count", "group"])
        return "\(operation)\(grouping) (\(inner))"
    }

    private mutating func ordered() -> String {
        let count = random.pick(["1", "2", "5", "0"])
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "topk(\(count), m_gauge\(modifier()))"
        case 1: return "bottomk by (zone) (\(count), m_gauge\(modifier()))"
        case 2: return "count_values(\"value\", m_state\(modifier()))"
        default: return "sort_desc(\(gauge()))"
        }
    }

    private mutating func scalarOperation(_ inner: String) -> String {
        let number = random.pick(["2", "0.37", "-3", "1e3", "0", "time()", "scalar(m_gauge{instance=\"b\"})"])
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "(\(inner)) > bool \(random.pick(["0.37", "-17.03", "71.3"]))"
        case 1: return "(\(inner)) < \(random.pick(["0.37", "-17.03", "71.3"]))"
        case 2: return "-(\(inner))"
        case 3: return "\(number) - (\(inner))"
        default: return "(\(inner)) \(random.pick(["+", "-", "*", "/"])) \(number)"
        }
    }

    private mutating func matched() -> String {
        let operation = random.pick(["+", "-", "*", "/", ">", "<", ">= bool"])
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "m_gauge \(operation) ignoring (zone) m_state"
        case 1: return "m_other \(operation) on (instance) group_left () m_gauge\(modifier())"
        case 2: return "m_state \(operation) on (instance) group_right (kind) m_gauge"
        case 3: return "m_other{kind=\"r\"} \(operation) ignoring (kind) m_other{kind=\"w\"}"
        // Often an error: many to many.
        default: return "\(gauge()) \(operation) on (\(random.pick(["instance", "zone", "kind"]))) \(gauge())"
        }
    }

    private mutating func set(depth: Int) -> String {
        let matching = random.pick(["", "on (instance)", "ignoring (kind, zone, code)", "on ()"])
        return "(\(make(depth: depth))) \(random.pick(["and", "or", "unless"])) \(matching) (\(gauge()))"
    }

    private mutating func mathematics(_ inner: String) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "clamp(\(inner), \(random.pick(["-5", "0"])), \(random.pick(["40", "1000"])))"
        case 1: return "clamp_min(\(inner), 3)"
        case 2: return "clamp_max(\(inner), 3)"
        default:
            let function = random.pick([
                "abs", "sqrt", "ln", "log2", "log10", "exp", "sgn", "sin", "atan", "deg", "rad",
            ])
            return "\(function)(\(inner))"
        }
    }

    private mutating func exact() -> String {
        let inner = gauge()
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "round(\(inner), \(random.pick(["1", "0.5", "8"])))"
        case 1: return "(\(inner)) % \(random.pick(["7", "2", "0.5"]))"
        case 2: return "(\(inner)) == 2"
        case 3: return "(\(inner)) != bool 1"
        case 4:
            let function = random.pick([
                "floor", "ceil", "timestamp", "hour", "minute", "day_of_year", "days_in_month",
            ])
            return "\(function)(\(inner))"
        default: return "(\(inner)) ^ 2"
        }
    }

    private mutating func histogram() -> String {
        let quantile = random.pick(["0.5", "0.9", "0.99", "0", "1", "-1", "2"])
        let buckets = "rate(m_seconds_bucket[\(random.pick(Self.ranges))])"
        let grouped = random.chance(50) ? "sum by (le) (\(buckets))" : buckets
        return "histogram_quantile(\(quantile), \(grouped))"
    }

    private mutating func labels(depth: Int) -> String {
        let inner = make(depth: depth)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return #"label_replace(\#(inner), "to", "$1-x", "instance", "(a|b)")"#
        case 1: return #"label_join(\#(inner), "to", "/", "instance", "zone", "kind")"#
        case 2: return "absent(\(inner))"
        default: return "vector(scalar(\(inner)))"
        }
    }
}
