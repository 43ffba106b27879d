import Metrics
import Testing

@Suite("Labels")
struct LabelsTests {
    @Test("Pairs come out sorted by name, empty values are no labels, the later of two wins")
    func construction() {
        let labels = Labels([("b", "2"), ("a", "1"), ("c", ""), ("b", "3")])
        #expect(labels.pairs.map(\.name) == ["a", "b"])
        #expect(labels["b"] == "3")
        #expect(labels["c"] == nil)
        #expect(labels == Labels([("a", "1"), ("b", "3")]))
    }

    @Test("Values longer than one length byte survive")
    func longValues() {
        for length in [0, 1, 127, 128, 300, 20_000] {
            let value = String(repeating: "x", count: length)
            let labels = Labels([("a", value), ("z", "end")])
            #expect(labels["a"] == (length == 0 ? nil : value))
            #expect(labels["z"] == "end")
        }
    }

    @Test("A merge keeps the order and lets the right side win")
    func merging() {
        let left = Labels([("a", "1"), ("c", "1"), ("e", "1")])
        let right = Labels([("b", "2"), ("c", "2"), ("f", "2")])
        let expected = Labels([("a", "1"), ("b", "2"), ("c", "2"), ("e", "1"), ("f", "2")])
        #expect(left.merging(right) == expected)
        #expect(left.merging(Labels()) == left)
        #expect(Labels().merging(right) == right)
        // A name goes before all, but for labels in capitals.
        let named = Labels([("__name__", "up")])
        #expect(left.merging(named).pairs.map(\.name) == ["__name__", "a", "c", "e"])
        #expect(Labels([("A", "1"), ("b", "2")]).merging(named).pairs.map(\.name) == ["A", "__name__", "b"])
        #expect(Labels([("__name__", "down"), ("b", "2")]).merging(named).pairs.map(\.value) == ["up", "2"])
        #expect(Labels([("A", "1"), ("__name__", "up")]).withoutMetricName == Labels([("A", "1")]))
    }

    @Test("Keeping, dropping and setting give new sets and leave the old one alone")
    func derivation() {
        let labels = Labels([("__name__", "up"), ("instance", "a:1"), ("job", "redis")])
        #expect(labels.metricName == "up")
        #expect(labels.withoutMetricName == Labels([("instance", "a:1"), ("job", "redis")]))
        #expect(labels.keeping(sortedNames: ["job", "nothing"]) == Labels([("job", "redis")]))
        #expect(labels.dropping(["job", "__name__"]) == Labels([("instance", "a:1")]))
        #expect(labels.setting("job", "") == Labels([("__name__", "up"), ("instance", "a:1")]))
        #expect(labels.count == 3)
    }

    @Test("The order is by name, then value, a prefix first")
    func order() {
        let sorted = [
            Labels(),
            Labels([("a", "1")]),
            Labels([("a", "1"), ("b", "1")]),
            Labels([("a", "10")]),
            Labels([("a", "2")]),
            Labels([("b", "0")]),
        ]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test("Equal sets have equal hashes and serve as keys")
    func hashing() {
        var seen: [Labels: Int] = [:]
        for index in 0..<1000 {
            seen[Labels([("i", String(index % 100)), ("k", "v")]), default: 0] += 1
        }
        #expect(seen.count == 100)
        #expect(seen.values.allSatisfy { $0 == 10 })
    }

    @Test("The description is the notation of PromQL")
    func notation() {
        #expect(Labels([("__name__", "up")]).description == "up")
        #expect(Labels([("__name__", "up"), ("a", "q\"")]).description == #"up{a="q\""}"#)
        #expect(Labels().description == "{}")
    }
}
