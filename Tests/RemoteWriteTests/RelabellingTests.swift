import Metrics
import Outbound
import Testing
import YAML

@Suite("Relabelling of what is written remotely")
struct RelabellingTests {
    private func apply(_ rules: String, to labels: Labels) throws -> Labels? {
        let node = try #require(try YAMLDocument.parse(Array(rules.utf8), file: "f"))
        return RelabelRule.apply(try RelabelRule.list(node), to: labels)
    }

    /// The figures of `TestRelabel` in Prometheus' `model/relabel/relabel_test.go`.
    @Test("hashmod gives the numbers of Prometheus", arguments: [("baz", "976"), ("foo\nbar", "734")])
    func hashmod(text: String, expected: String) throws {
        let rule = "[{action: hashmod, source_labels: [c], target_label: d, modulus: 1000}]"
        #expect(try apply(rule, to: Labels([("c", text)]))?["d"] == expected)
    }

    @Test("hashmod without a modulus, or with one of zero, is an error")
    func modulus() throws {
        for rule in [
            "[{action: hashmod, source_labels: [c], target_label: d}]",
            "[{action: hashmod, source_labels: [c], target_label: d, modulus: 0}]",
            "[{action: hashmod, source_labels: [c], modulus: 5}]",
        ] {
            #expect(throws: YAMLError.self) { try apply(rule, to: Labels()) }
        }
    }
}
