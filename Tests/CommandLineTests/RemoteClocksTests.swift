import Alerting
import Metrics
import Testing

@testable import redstart

@Suite("Clocks of alerts in a store elsewhere")
struct RemoteClocksTests {
    private func labels(_ pod: String) -> Labels {
        Labels([("alertname", "A"), ("pod", pod)])
    }

    private let alert = Labels([("alertname", "A")])

    private func clocks(
        values: [Labels: Double],
        written: [Labels: Double] = [:],
        seen: [Labels: Double] = [:],
        current: [Labels: Double] = [:]
    ) -> [Labels: CarriedClocks.Clock] {
        RemoteClocks.clocks(values: values, written: written, seen: seen, current: current, adding: ["pod"])
    }

    @Test("Of several processes the one that wrote last counts, of those that wrote together the longest clock")
    func latest() {
        let values = [labels("a"): 100.0, labels("b"): 200.0, labels("c"): 50.0]
        let late = clocks(values: values, current: [labels("a"): 1000, labels("b"): 1010, labels("c"): 900])
        #expect(late == [alert: .init(activeAt: 200_000, saidAt: 1_010_000)])
        let together = clocks(values: values, current: [labels("a"): 1000, labels("b"): 1000])
        #expect(together == [alert: .init(activeAt: 100_000, saidAt: 1_000_000)])
    }

    @Test("A series that is gone counts where its writer is gone, not where the alert was over")
    func ended() {
        let (series, time) = (labels("a"), 1000.0)
        let silent = clocks(values: [series: 100], written: [series: time], seen: [series: time + 280])
        #expect(silent == [alert: .init(activeAt: 100_000, saidAt: 1_000_000)])
        #expect(clocks(values: [series: 100], written: [series: time], seen: [series: time + 15]) == [:])
        #expect(clocks(values: [series: 100]) == [:])
    }
}
