import Testing

@testable import PromQL

@Suite("Quantiles")
struct QuantileTests {
    /// As Prometheus defines it: sorted, with NaN first, and linear between neighbours.
    private func expected(_ values: [Double], _ quantile: Double) -> Double {
        let sorted = values.sorted { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let rank = quantile * Double(sorted.count - 1)
        let lower = Int(rank.rounded(.down))
        let weight = rank - rank.rounded(.down)
        return sorted[lower] * (1 - weight) + sorted[min(lower + 1, sorted.count - 1)] * weight
    }

    @Test("A selected quantile is the one of the sorted values, whatever their order", arguments: 0..<200)
    func selection(number: Int) {
        let count = 1 + number * 7 % 130
        let distinct = [1, 2, 3, 10, 1000][number % 5]
        var values = (0..<count).map { _ in Double(Int.random(in: 0..<distinct)) }
        switch number % 7 {
        case 0: values.sort()
        case 1: values.sort(by: >)
        case 2: values[count / 2] = .nan
        case 3: values = values.map { [$0, .infinity, -.infinity, .nan][Int.random(in: 0..<4)] }
        default: break
        }
        for quantile in [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.999, 1] {
            var shuffled = values
            let got = Quantile.of(&shuffled, quantile)
            let wanted = expected(values, quantile)
            #expect(got == wanted || (got.isNaN && wanted.isNaN), "\(quantile) of \(values)")
        }
    }
}
