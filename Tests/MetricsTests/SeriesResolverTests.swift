import Metrics
import Testing

@Suite("Series resolver")
struct SeriesResolverTests {
    private let table: SeriesKeyTable
    private let gauge: FamilyID
    private let counter: FamilyID

    init() {
        var catalog = MetricCatalog()
        gauge = catalog.add([
            MetricRow("a", "redis_a", .gauge, help: "A."),
            MetricRow("b", "redis_b_total", .counter, labels: ["cmd"], help: "B."),
        ])
        counter = gauge.advanced(by: 1)
        table = SeriesKeyTable(catalog: catalog)
    }

    private func buffer(commands: [String], value: Double = 1) -> SampleBuffer {
        var buffer = SampleBuffer()
        buffer.append(gauge, value)
        for command in commands {
            let start = buffer.labelStart
            buffer.addLabel(command)
            buffer.append(counter, labelsFrom: start, value)
        }
        return buffer
    }

    @Test("Samples get the labels of their family")
    func labels() {
        var resolver = SeriesResolver(table: table)
        let samples = resolver.resolve(buffer(commands: ["get", "set"]), at: 5)
        #expect(samples.timestamp == 5)
        #expect(
            samples.keys.map { table.labels(of: $0).description } == [
                "redis_a", #"redis_b_total{cmd="get"}"#, #"redis_b_total{cmd="set"}"#,
            ]
        )
        #expect(samples.values == [1, 1, 1])
    }

    @Test("A series keeps its key when others come and go around it")
    func stability() {
        var resolver = SeriesResolver(table: table)
        let first = resolver.resolve(buffer(commands: ["get", "set"]), at: 1)
        let again = resolver.resolve(buffer(commands: ["get", "set"], value: 2), at: 2)
        #expect(again.keys == first.keys)
        #expect(again.values == [2, 2, 2])
        let more = resolver.resolve(buffer(commands: ["del", "get", "incr", "set"]), at: 3)
        #expect(more.keys[2] == first.keys[1])
        #expect(more.keys[4] == first.keys[2])
        let fewer = resolver.resolve(buffer(commands: ["set"]), at: 4)
        #expect(fewer.keys == [first.keys[0], first.keys[2]])
    }

    @Test("The second of two equal samples is dropped and counted, each time")
    func duplicates() {
        var resolver = SeriesResolver(table: table)
        #expect(resolver.resolve(buffer(commands: ["get", "get", "set"]), at: 1).keys.count == 3)
        #expect(resolver.resolve(buffer(commands: ["get", "get", "set"], value: 7), at: 2).values == [7, 7, 7])
        #expect(resolver.dropped[.duplicate] == 2)
        #expect(resolver.dropped[.nodeLimit] == 0)
    }

    @Test("Series over the limit are dropped and counted")
    func limit() {
        var resolver = SeriesResolver(table: table, limits: SeriesLimits(perNode: 3))
        let samples = resolver.resolve(buffer(commands: (0..<10).map { "c\($0)" }), at: 1)
        #expect(samples.keys.count == 3)
        #expect(resolver.dropped[.nodeLimit] == 8)
        #expect(table.count == 3)
    }

    @Test("Duplicates and samples over the limit are counted apart")
    func limitAndDuplicates() {
        var resolver = SeriesResolver(table: table, limits: SeriesLimits(perNode: 2))
        _ = resolver.resolve(buffer(commands: ["get", "get", "set", "del"]), at: 1)
        #expect(resolver.dropped[.duplicate] == 1)
        #expect(resolver.dropped[.nodeLimit] == 2)
    }

    @Test("A family over its limit leaves room for the others, and what is said of the watch is always there")
    func familyLimit() {
        let limits = SeriesLimits(perNode: 5, perFamily: 3)
        var resolver = SeriesResolver(table: table, limits: limits)
        let samples = resolver.resolve(buffer(commands: (0..<10).map { "c\($0)" }), at: 1)
        #expect(samples.keys.count == 4)
        #expect(resolver.dropped[.familyLimit] == 7)
        #expect(resolver.dropped[.nodeLimit] == 0)
        var unlimited = SeriesResolver(table: table, limits: limits, unlimited: counter.index..<counter.index + 1)
        #expect(unlimited.resolve(buffer(commands: (0..<10).map { "c\($0)" }), at: 1).keys.count == 11)
    }

    @Test("Samples that somebody still has keep their keys, whatever the node does meanwhile")
    func lease() {
        var resolver = SeriesResolver(table: table)
        var held: PollSamples? = resolver.resolve(buffer(commands: ["get", "set"]), at: 1)
        _ = resolver.resolve(buffer(commands: ["del"]), at: 2)
        _ = table.intern(Labels([("__name__", "redis_other")]))
        #expect(
            held?.keys.map { table.labels(of: $0).description } == [
                "redis_a", #"redis_b_total{cmd="get"}"#, #"redis_b_total{cmd="set"}"#,
            ]
        )
        held = nil
        #expect(table.count == 3)
    }

    @Test("Nothing stays in the table when all is released")
    func release() {
        var one = SeriesResolver(table: table)
        var two = SeriesResolver(table: table)
        _ = one.resolve(buffer(commands: ["get", "set"]), at: 1)
        _ = two.resolve(buffer(commands: ["get"]), at: 1)
        #expect(table.count == 3)
        one.releaseAll()
        #expect(table.count == 2)
        two.releaseAll()
        #expect(table.count == 0)
    }

    @Test("Random polls give what a fresh resolver gives, and leak no key")
    func randomPolls() {
        var resolver = SeriesResolver(table: table, limits: SeriesLimits(perNode: 20))
        for round in 0..<2000 {
            let commands = (0..<Int.random(in: 0..<30)).map { _ in "c\(Int.random(in: 0..<40))" }
            let poll = buffer(commands: commands, value: Double(round))
            let other = SeriesKeyTable(catalog: table.catalog)
            var fresh = SeriesResolver(table: other, limits: SeriesLimits(perNode: 20))
            let names = fresh.resolve(poll, at: 1).keys.map { other.labels(of: $0) }
            #expect(resolver.resolve(poll, at: 1).keys.map { table.labels(of: $0) } == names)
        }
        resolver.releaseAll()
        #expect(table.count == 0)
    }
}
