import Glibc
import Metrics
import TestServers
import Testing
import TimeSeriesStore

@testable import RemoteWrite

@Suite("A damaged log")
struct DamagedLogTests {
    /// Three segments of several frames each.
    private func makeLog(in directory: TemporaryDirectory) throws -> [ReadSample] {
        let fixture = try LogFixture(folder: try SegmentFolder(directory.file("queue")))
        let group = fixture.group([("instance", "a")])
        let keys = (0..<5).map { fixture.key("m\($0)") }
        for time in 1...30 {
            fixture.log.append(keys: keys, values: keys.indices.map { Double($0 * time) }, at: Int64(time), to: group)
            try fixture.log.drain()
            if time % 10 == 0 { fixture.log.forgetGroups() }
        }
        try fixture.log.drain()
        var reader = fixture.reader()
        return reader.readAll()
    }

    private func read(_ directory: TemporaryDirectory) throws -> (samples: [ReadSample], losses: LogReader.Losses) {
        let fixture = try LogFixture(folder: try SegmentFolder(directory.file("queue")), epoch: 2)
        var reader = fixture.reader()
        let samples = reader.readAll(atMost: 100_000)
        return (samples, reader.losses)
    }

    @Test("A torn end costs what was torn, and no more")
    func tornEnd() throws {
        let directory = try TemporaryDirectory()
        let all = try makeLog(in: directory)
        let path = directory.file("queue/000000000001.segment")
        let bytes = try contents(path)
        for length in [bytes.count - 1, bytes.count / 2, SegmentHead.size + 3, SegmentHead.size, 5, 0] {
            try replace(path, by: Array(bytes[..<length]))
            let (samples, _) = try read(directory)
            #expect(samples.filter { $0.timestamp <= 10 } == all.filter { $0.timestamp <= 10 })
            #expect(samples.filter { $0.timestamp > 20 } == all.filter { $0.timestamp > 20 })
            let middle = samples.filter { (11...20).contains($0.timestamp) }
            #expect(middle == Array(all.filter { (11...20).contains($0.timestamp) }.prefix(middle.count)))
        }
    }

    @Test("Damage within a segment costs the rest of it, which is counted")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let all = try makeLog(in: directory)
        let path = directory.file("queue/000000000001.segment")
        var bytes = try contents(path)
        bytes[bytes.count / 2] ^= 0x10
        try replace(path, by: bytes)
        let (samples, losses) = try read(directory)
        #expect(samples.count + losses.corrupt == all.count && losses.corrupt > 0 && losses.corrupt < 50)
        #expect(samples.allSatisfy(Set(all).contains))
    }

    @Test("Whatever happens to the bytes of the files: what is read was written, and nothing crashes")
    func fuzz() throws {
        let directory = try TemporaryDirectory()
        let all = Set(try makeLog(in: directory))
        let paths = (0...2).map { directory.file("queue/00000000000\($0).segment") }
        let whole = try paths.map(contents)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            for (path, bytes) in zip(paths, whole) {
                var bytes = bytes
                for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.removeSubrange(place...)
                    case 2: bytes.insert(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF], at: place)
                    default: bytes.removeSubrange(place..<min(bytes.count, place + 9))
                    }
                }
                try replace(path, by: bytes)
            }
            #expect(try read(directory).samples.allSatisfy(all.contains))
        }
    }

    @Test("Records of any bytes are refused or read, but never crash")
    func records() {
        var random = SeededGenerator(seed: 3)
        var refused = 0
        for _ in 0..<20_000 {
            var decoder = RecordDecoder(RecordDecoder.Treatment(), families: FamilyIndex(MetricCatalog()))
            let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                UInt8.random(in: 0...(Bool.random(using: &random) ? 6 : 255), using: &random)
            }
            var batch = SampleBatch()
            if !bytes.withUnsafeBytes({ decoder.decode($0, into: &batch) }) {
                refused += 1
                #expect(batch.samples.isEmpty && batch.pairs.isEmpty)
            }
        }
        #expect(refused > 1000)
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        return try file.read(file.size, at: 0)
    }

    private func replace(_ path: String, by bytes: [UInt8]) throws {
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_TRUNC)
        try file.write(bytes, at: 0)
    }
}
