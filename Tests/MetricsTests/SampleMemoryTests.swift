import TestServers
import Testing

@testable import Metrics

@Suite("Samples that are told poll by poll")
struct SampleMemoryTests {
    private let table: SeriesKeyTable
    private let first: FamilyID

    init() {
        var catalog = MetricCatalog()
        first = catalog.add([
            MetricRow("c", "redis_commands_total", .counter, labels: ["cmd"], help: "Calls."),
            MetricRow("f", "redis_commands_failed_total", .counter, labels: ["cmd"], help: "Failed calls."),
        ])
        table = SeriesKeyTable(catalog: catalog)
    }

    /// A command with its calls and, where the server tells them, its failed calls.
    private struct Command {
        var name: String
        var calls: Double
        var failed: Double?
    }

    private func add(_ name: String, hasFailed: Bool, to buffer: inout SampleBuffer, _ values: [Double]) {
        let labels = buffer.labelStart
        buffer.addLabel(name)
        buffer.append(first, labelsFrom: labels, values[0])
        if hasFailed { buffer.append(first.advanced(by: 1), labelsFrom: labels, values[1]) }
    }

    private func text(_ buffer: SampleBuffer) -> String {
        var resolver = SeriesResolver(table: table)
        let node = ExposedNode(labelText: [], samples: resolver.resolve(buffer, at: 1))
        return String(decoding: TextExposition(table: table).render([node], as: .prometheusText), as: UTF8.self)
    }

    @Test("They are those that were told, whatever came, went or changed its shape since")
    func random() {
        var random = SeededGenerator(seed: 1)
        var memory = SampleMemory()
        var commands = [Command(name: "get", calls: 1, failed: 0)]
        for _ in 0..<2000 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let name = "command\(Int.random(in: 0..<1000, using: &random))"
                commands.insert(
                    Command(name: name, calls: 1), at: Int.random(in: 0...commands.count, using: &random))
            case 1: commands.shuffle(using: &random)
            case 2 where !commands.isEmpty: commands.removeLast(Int.random(in: 1...commands.count, using: &random))
            default: break
            }
            for index in commands.indices {
                if Bool.random(using: &random) { commands[index].calls += 1 }
                if Int.random(in: 0..<30, using: &random) == 0 {
                    commands[index].failed = commands[index].failed == nil ? 1 : nil
                }
            }
            // Something else is in the buffers before and behind.
            var told = SampleBuffer()
            var expected = SampleBuffer()
            add("before", hasFailed: true, to: &told, [1, 2])
            add("before", hasFailed: true, to: &expected, [1, 2])
            for command in commands {
                memory.values = [command.calls] + (command.failed.map { [$0] } ?? [])
                let hasFailed = command.failed != nil
                memory.tell(Array(command.name.utf8).span, shape: hasFailed ? 1 : 0) { samples in
                    add(command.name, hasFailed: hasFailed, to: &samples, [0, 0])
                }
                add(command.name, hasFailed: hasFailed, to: &expected, [command.calls, command.failed ?? 0])
            }
            memory.end(into: &told)
            add("behind", hasFailed: false, to: &told, [3])
            add("behind", hasFailed: false, to: &expected, [3])
            #expect(text(told) == text(expected))
        }
    }

    @Test("What is told again is not made again, and what another one was told of is not told again")
    func again() {
        var memory = SampleMemory()
        var made: [String] = []
        func tell(_ name: String, _ shape: Int = 0) {
            memory.values = [1]
            memory.tell(Array(name.utf8).span, shape: shape) { samples in
                made.append(name)
                add(name, hasFailed: false, to: &samples, [0])
            }
        }
        func isToldAgain(_ name: String, _ shape: Int = 0) -> Bool {
            memory.tellAgain(Array(name.utf8).span, shape: shape)
        }
        var buffer = SampleBuffer()
        for _ in 0..<3 {
            tell("get")
            tell("set")
            memory.end(into: &buffer)
        }
        #expect(made == ["get", "set"])
        #expect(isToldAgain("get"))
        #expect(!isToldAgain("get"))
        #expect(!isToldAgain("set", 1))
        tell("set", 1)
        memory.end(into: &buffer)
        #expect(made == ["get", "set", "set"])
        #expect(buffer.count == 8)
    }

    @Test("What is not told any more is gone")
    func nothing() {
        var memory = SampleMemory()
        memory.values = [1]
        memory.tell(Array("get".utf8).span) { add("get", hasFailed: false, to: &$0, [0]) }
        var buffer = SampleBuffer()
        memory.end(into: &buffer)
        #expect(buffer.count == 1)
        buffer.removeAll()
        memory.end(into: &buffer)
        #expect(buffer.count == 0)
    }
}
