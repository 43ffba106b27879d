import Metrics
import Testing
import TimeSeriesStore

@Suite struct StoreErrorTests {
    private static let key = SeriesKeyTable(catalog: MetricCatalog()).intern(Labels([("__name__", "a")]))

    @Test(
        "Each error says what was refused and why",
        arguments: [
            (
                StoreError.outOfOrder(timestamp: 5, newest: 9),
                "samples at 5 ms are older than the newest of their group (9 ms) and were refused. Was the clock set "
                    + "back? Samples are taken again once it has passed that time"
            ),
            (
                .conflictingDuplicate(timestamp: 5),
                "the group has other samples at 5 ms already; the later ones were refused"
            ),
            (.groupEnded, "the group of series was ended; add a new one"),
            (.mismatchedCounts(keys: 2, values: 1), "2 keys but 1 values; each key needs one value"),
            (.repeatedKey(key), "key 0 is there twice in one append; each key may have one value"),
            (
                .badSnapshot(piece: 3, problem: .wrongChecksum),
                "cannot restore the history: piece 3 of the snapshot is damaged: its checksum differs. "
                    + "Nothing was restored"
            ),
            (
                .badSnapshot(piece: 0, problem: .unknownVersion(9)),
                "cannot restore the history: piece 0 of the snapshot has format version 9, which this program does not "
                    + "know. Nothing was restored"
            ),
        ])
    func text(error: StoreError, text: String) {
        #expect(error.description == text)
    }
}
