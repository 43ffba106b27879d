import Glibc
import Metrics
import Outbound
import TestServers
import Testing
import TimeSeriesStore
import YAML

@testable import RemoteWrite

@Suite("The log that endpoints read")
struct SampleLogTests {
    @Test("What was appended comes out, with the labels of the group, in order and bit for bit")
    func roundTrip() throws {
        let fixture = try LogFixture()
        let node = fixture.group([("instance", "a:1"), ("job", "redis")])
        let keys = [fixture.key("up"), fixture.key("keys", [("db", "0"), ("instance", "own")])]
        var reader = fixture.reader()
        #expect(reader.readAll() == [])
        fixture.log.append(keys: keys, values: [1, -0.0], at: 1000, to: node)
        fixture.log.append(keys: keys, values: [1, .nan], at: 2000, to: node)
        let up = #"up{instance="a:1", job="redis"}"#
        let own = #"keys{db="0", instance="own", job="redis"}"#
        #expect(
            reader.readAll() == [
                ReadSample(up, 1000, 1), ReadSample(own, 1000, -0.0), ReadSample(up, 2000, 1),
                ReadSample(own, 2000, .nan),
            ]
        )
        fixture.log.append(keys: keys, values: [0, 5], at: 3000, to: node)
        #expect(reader.readAll() == [ReadSample(up, 3000, 0), ReadSample(own, 3000, 5)])
        #expect(reader.pending == 0 && reader.losses == LogReader.Losses())
    }

    @Test("A series that is gone, and each of a group that ends, gets a staleness marker")
    func staleness() throws {
        let fixture = try LogFixture()
        let group = fixture.group()
        let (a, b, c) = (fixture.key("a"), fixture.key("b"), fixture.key("c"))
        var reader = fixture.reader()
        fixture.log.append(keys: [a, b], values: [1, 2], at: 1, to: group)
        fixture.log.append(keys: [c, b], values: [3, 4], at: 2, to: group)
        fixture.log.append(keys: [], values: [], at: 3, to: group)
        fixture.log.append(keys: [a], values: [5], at: 4, to: group)
        fixture.log.end(group, at: 5)
        fixture.log.end(group, at: 6)
        #expect(
            reader.readAll() == [
                ReadSample("a", 1, 1), ReadSample("b", 1, 2),
                ReadSample("a", 2, .staleMarker), ReadSample("c", 2, 3), ReadSample("b", 2, 4),
                ReadSample("c", 3, .staleMarker), ReadSample("b", 3, .staleMarker),
                ReadSample("a", 4, 5), ReadSample("a", 5, .staleMarker),
            ]
        )
    }

    @Test("Labels of outside go to series that do not have them; rules change, keep and drop series")
    func treatment() throws {
        let text = """
            [{source_labels: [__name__], regex: 'noise_.*', action: drop},
             {source_labels: [cmd], regex: (.+), target_label: command}, {regex: cmd, action: labeldrop}]
            """
        let node = try #require(try YAMLDocument.parse(Array(text.utf8), file: "f"))
        let treatment = RecordDecoder.Treatment(
            externalLabels: Labels([("cluster", "prod"), ("instance", "outside")]),
            relabelling: try RelabelRule.list(node)
        )
        let fixture = try LogFixture()
        let group = fixture.group([("instance", "a:1")])
        let keys = [fixture.key("calls", [("cmd", "get")]), fixture.key("noise_x"), fixture.key("up")]
        var reader = fixture.reader(from: nil, treatment)
        for time in [Int64(1), 2] { fixture.log.append(keys: keys, values: [1, 2, 3], at: time, to: group) }
        let calls = #"calls{cluster="prod", command="get", instance="a:1"}"#
        let up = #"up{cluster="prod", instance="a:1"}"#
        #expect(
            reader.readAll() == [
                ReadSample(calls, 1, 1), ReadSample(up, 1, 3), ReadSample(calls, 2, 1), ReadSample(up, 2, 3),
            ]
        )
    }

    @Test("A process that comes after reads on where the one before has stopped, also in the middle of a segment")
    func resumption() throws {
        let directory = try TemporaryDirectory()
        var place = LogPosition.start(of: 0)
        do {
            let first = try LogFixture(folder: try SegmentFolder(directory.file("queue")))
            let group = first.group([("instance", "a")])
            let keys = [first.key("up"), first.key("down")]
            var reader = first.reader()
            for time in 1...4 {
                first.log.append(keys: keys, values: [Double(time), 7], at: Int64(time), to: group)
                try first.log.drain()
                if time == 2 {
                    #expect(reader.readAll().count == 4)
                    place = reader.position
                }
            }
        }
        let second = try LogFixture(folder: try SegmentFolder(directory.file("queue")), epoch: 2)
        let group = second.group([("instance", "a")])
        second.log.append(keys: [second.key("up")], values: [9], at: 9, to: group)
        try second.log.drain()
        var reader = second.reader(from: place)
        let (up, down) = (#"up{instance="a"}"#, #"down{instance="a"}"#)
        #expect(
            reader.readAll() == [
                ReadSample(up, 3, 3), ReadSample(down, 3, 7), ReadSample(up, 4, 4), ReadSample(down, 4, 7),
                ReadSample(up, 9, 9),
            ]
        )
        #expect(reader.losses == LogReader.Losses() && reader.pending == 0)
        second.log.release(before: reader.position)
        #expect(second.log.status.segments == 1)
    }

    @Test("Bytes stay within the limit, the oldest go first, and a reader is told how many samples it has lost")
    func eviction() throws {
        for isOnDisk in [false, true] {
            let directory = try TemporaryDirectory()
            let folder = isOnDisk ? try SegmentFolder(directory.file("queue")) : nil
            let limits = SampleLog.Limits(diskBytes: 1 << 20, memoryBytes: 1 << 20)
            let fixture = try LogFixture(folder: folder, limits: limits)
            let group = fixture.group()
            let keys = (0..<100).map { fixture.key("m\($0)") }
            var reader = fixture.reader()
            var random = SeededGenerator(seed: 1)
            let polls = 4000
            for time in 1...polls {
                let values = keys.map { _ in Double.random(in: 0..<1, using: &random) }
                fixture.log.append(keys: keys, values: values, at: Int64(time), to: group)
                if isOnDisk { try fixture.log.drain() }
            }
            let status = fixture.log.status
            #expect(status.diskBytes + status.memoryBytes < (1 << 20) + (256 << 10))
            let read = reader.readAll()
            #expect(read.last?.timestamp == Int64(polls))
            #expect(read.count + reader.losses.evicted == polls * keys.count && reader.losses.evicted > 0)
            #expect(reader.losses.corrupt == 0 && reader.pending == 0)
        }
    }

    @Test("Two processes do not share a folder")
    func locked() throws {
        let directory = try TemporaryDirectory()
        let first = try SegmentFolder(directory.file("queue"))
        let problem = #expect(throws: QueueProblem.self) { try SegmentFolder(directory.file("queue")) }
        #expect(problem?.kind == .locked && problem?.description.contains(first.path) == true)
    }

    @Test("While the disk is full everything goes on in memory; when there is space again, on disk")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let folder = try SegmentFolder(directory.file("queue"))
        let fixture = try LogFixture(folder: folder)
        let group = fixture.group()
        let key = fixture.key("up")
        var reader = fixture.reader()
        fixture.log.append(keys: [key], values: [1], at: 1, to: group)
        try fixture.log.drain()
        // Whatever is written here, there is no space for it.
        for segment in 1...3 { symlink("/dev/full", folder.file(segment)) }
        fixture.log.forgetGroups()
        for time in Int64(2)...5 {
            fixture.log.append(keys: [key], values: [Double(time)], at: time, to: group)
            let problem = #expect(throws: QueueProblem.self) { try fixture.log.drain() }
            #expect(problem?.kind == .full && problem?.description.contains("No space left on device") == true)
        }
        #expect(fixture.log.status.problem?.kind == .full && fixture.log.status.writeFailures == 4)
        #expect(reader.readAll().map(\.timestamp) == [1, 2, 3, 4, 5])
        for segment in 1...3 { unlink(folder.file(segment)) }
        // The file that is open is still the full one.
        fixture.log.forgetGroups()
        fixture.log.append(keys: [key], values: [6], at: 6, to: group)
        _ = try? fixture.log.drain()
        #expect(reader.readAll().map(\.timestamp) == [6])
    }
}
