/// Compares what the exporter says with what Redstart says of one server.
struct ScrapeComparison {
    let before: ScrapedText
    let ours: ScrapedText
    let after: ScrapedText
    /// Families that are left out on purpose.
    var deviations: Set<String> = []
    /// Whether both programs look at keys, streams and scripts too.
    var withChecks = false

    /// Everything that is missing or different, a line each.
    var differences: [String] {
        let movements = Movement.byFamily(withChecks: withChecks)
        return familyDifferences + before.series.compactMap { difference(of: $0, movements) }
    }

    private func isCompared(_ family: String) -> Bool {
        !deviations.contains(family) && !LaterVersions.goneFamilies.contains { family.hasPrefix($0) }
    }

    private var familyDifferences: [String] {
        before.types.sorted { $0.key < $1.key }.compactMap { family, type in
            guard isCompared(family) else { return nil }
            guard let own = ours.types[family] else { return "no family \(family)" }
            let expected = LaterVersions.types[family] ?? type
            return own == expected ? nil : "\(family) is a \(own), not a \(expected)"
        }
    }

    private func difference(of series: ScrapedText.Series, _ movements: [String: Movement]) -> String? {
        let family = before.family(of: series.name)
        guard isCompared(family) else { return nil }
        let movement = movements[family]
        if case .ofTheWatcher = movement {
            return ours.series(series.name, having: [:]).isEmpty ? "no series \(series.name)" : nil
        }
        let found = ours.series(series.name, having: series.labels)
        guard found.count == 1 else { return "\(found.count) series for \(series.text)" }
        let more = Set(found[0].labels.keys).subtracting(series.labels.keys)
        guard more.isSubset(of: LaterVersions.labels[family] ?? []) else {
            return "\(series.text) has also the labels \(more.sorted())"
        }
        let last = after.value(series.name, series.labels)
        return isAllowed(found[0].value, series, last: last, movement)
            ? nil : "\(series.text) is \(found[0].value), not \(series.value) (then \(last ?? .nan))"
    }

    private func isAllowed(
        _ value: Double,
        _ first: ScrapedText.Series,
        last: Double?,
        _ movement: Movement?
    ) -> Bool {
        if value == first.value || (value.isNaN && first.value.isNaN) { return true }
        switch movement {
        case .rises:
            return first.value <= value && value <= last ?? .infinity
        case .risesForWatchers:
            let command = first.labels["cmd"] ?? ""
            let isOfCheck = withChecks && Movement.commandsOfChecks.contains(command)
            guard isOfCheck || Movement.watchersCommands.contains(command) else { return false }
            // A quantile of calls that go on may fall.
            return first.labels["quantile"] != nil || (first.value <= value && value <= last ?? .infinity)
        case .wanders(let distance):
            return abs(value - first.value) <= distance
        case .ofTheWatcher:
            return true
        case nil:
            return false
        }
    }
}
