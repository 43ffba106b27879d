import TestServers
import Testing

@testable import Metrics

@Suite("Exposition of the same series again and again")
struct RepeatedExpositionTests {
    private let table: SeriesKeyTable
    private let first: FamilyID
    private let exposition: TextExposition
    private let repeated: RepeatedExposition

    init() {
        var catalog = MetricCatalog()
        first = catalog.add([
            MetricRow("z", "redis_z", .gauge, help: "Z."),
            MetricRow("c", "redis_commands_total", .counter, labels: ["cmd"], help: "Calls."),
            MetricRow("l", "redis_latency", .histogram, labels: ["cmd"], help: "Latency."),
            MetricRow("a", "redis_a", .gauge, help: "A."),
        ])
        table = SeriesKeyTable(catalog: catalog)
        exposition = TextExposition(table: table)
        repeated = RepeatedExposition(exposition)
    }

    private static func value(_ random: inout SeededGenerator) -> Double {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: .nan
        case 1: -.infinity
        case 2: -0.0
        case 3: 0
        case 4: Double(bitPattern: random.next())
        case 5: Double.random(in: 0..<10, using: &random)
        default: Double(UInt64.random(in: 0..<(1 << UInt64.random(in: 0..<60, using: &random)), using: &random))
        }
    }

    /// A poll in which few values are others than in the one before.
    private struct Node {
        var resolver: SeriesResolver
        var values = [Double](repeating: 1, count: 20)
        var commands = ["get", "set"]
        let labelText: [UInt8]

        mutating func change(_ random: inout SeededGenerator) {
            for index in values.indices where Int.random(in: 0..<4, using: &random) == 0 {
                values[index] = RepeatedExpositionTests.value(&random)
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                commands = ["get", "set", "del", "incr", "a\"b\n"].filter { _ in Bool.random(using: &random) }
            }
        }
    }

    private func expose(_ node: inout Node) -> ExposedNode {
        var buffer = SampleBuffer()
        buffer.append(first, node.values[0])
        buffer.append(first.advanced(by: 3), node.values[1])
        for (number, command) in node.commands.enumerated() {
            let labels = buffer.labelStart
            buffer.addLabel(command)
            buffer.append(first.advanced(by: 1), labelsFrom: labels, node.values[2 + number])
            buffer.append(first.advanced(by: 2), role: .sum, labelsFrom: labels, node.values[8 + number])
            buffer.append(first.advanced(by: 2), role: .count, labelsFrom: labels, node.values[14 + number])
        }
        return ExposedNode(labelText: node.labelText, samples: node.resolver.resolve(buffer, at: 1))
    }

    @Test("It is what is written when all is written, whatever has changed", arguments: ExpositionFormat.allCases)
    func sameBytes(format: ExpositionFormat) {
        var random = SeededGenerator(seed: 1)
        var nodes = [Node(resolver: SeriesResolver(table: table), labelText: [])]
        for round in 0..<2000 {
            if round % 500 == 250 {
                let labelText = LabelText.render(Labels([("instance", "\(round)")]))
                nodes.append(Node(resolver: SeriesResolver(table: table), labelText: labelText))
            }
            if round % 700 == 699 { nodes.removeFirst() }
            for index in nodes.indices { nodes[index].change(&random) }
            let exposed = nodes.indices.map { expose(&nodes[$0]) }
            #expect(repeated.render(exposed, as: format) == exposition.render(exposed, as: format))
            // Nobody's are the same as before.
            #expect(repeated.render(exposed, as: format) == exposition.render(exposed, as: format))
        }
    }

    @Test("Values are put into the text of before, where the series are the same")
    func update() {
        var random = SeededGenerator(seed: 3)
        var node = Node(resolver: SeriesResolver(table: table), labelText: [])
        var kept = KeptRendering(of: [expose(&node)], by: exposition, as: .prometheusText)
        for index in node.values.indices { node.values[index] = Double(random.next() >> 20) }
        let changed = expose(&node)
        let same = kept.update(to: [changed])
        #expect(same == exposition.render([changed], as: .prometheusText))
        node.commands.append("del")
        let others = [
            [], [changed, changed], [ExposedNode(labelText: [0x61], samples: changed.samples)], [expose(&node)],
        ]
        for other in others {
            let text = kept.update(to: other)
            #expect(text == nil)
        }
    }

    @Test("The formats do not get into each other's way")
    func formats() {
        var random = SeededGenerator(seed: 2)
        var node = Node(resolver: SeriesResolver(table: table), labelText: [])
        for _ in 0..<100 {
            node.change(&random)
            let exposed = expose(&node)
            for format in ExpositionFormat.allCases {
                #expect(repeated.render([exposed], as: format) == exposition.render([exposed], as: format))
            }
        }
    }

    @Test("What is too large to be kept is written each time")
    func large() {
        var resolver = SeriesResolver(table: table, limits: SeriesLimits(perNode: 20_000, perFamily: 20_000))
        for value in 0..<3 {
            var buffer = SampleBuffer()
            for number in 0...RepeatedExposition.sampleLimit {
                let labels = buffer.labelStart
                buffer.addLabel("c\(number)")
                buffer.append(first.advanced(by: 1), labelsFrom: labels, Double(value))
            }
            let exposed = [ExposedNode(labelText: [], samples: resolver.resolve(buffer, at: 1))]
            #expect(repeated.render(exposed, as: .prometheusText) == exposition.render(exposed, as: .prometheusText))
        }
    }

    @Test("Nothing at all is nothing, or the end")
    func nothing() {
        for _ in 0..<2 {
            #expect(repeated.render([], as: .prometheusText) == [])
            #expect(repeated.render([], as: .openMetrics) == Array("# EOF\n".utf8))
        }
    }
}
