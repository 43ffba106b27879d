import RedisFleet
import Testing

@Suite("Shards")
struct ShardTests {
    private let keys = (0..<2000).map { "cache-\($0):6379" }

    private func owners(_ key: String, of count: Int, replicas: Int = 1) throws -> Set<Int> {
        Set(
            try (0..<count).filter { index in
                try Shard(index: index, count: count, replicas: replicas).owns(key)
            }
        )
    }

    @Test("Each key has as many owners as are asked for, spread evenly")
    func owners() throws {
        for (count, replicas) in [(1, 1), (3, 1), (3, 2), (5, 5), (8, 3)] {
            var shares = [Int](repeating: 0, count: count)
            for key in keys {
                let owners = try self.owners(key, of: count, replicas: replicas)
                #expect(owners.count == replicas)
                for owner in owners { shares[owner] += 1 }
            }
            let fair = Double(keys.count * replicas) / Double(count)
            for share in shares { #expect(abs(Double(share) - fair) < fair * 0.2, "\(shares)") }
        }
    }

    @Test("One shard more takes its share from the others, and nothing else moves")
    func growth() throws {
        var moved = 0
        for key in keys {
            let (before, after) = (try owners(key, of: 3), try owners(key, of: 4))
            guard before != after else { continue }
            moved += 1
            #expect(after == [3])
        }
        #expect((400...600).contains(moved), "a quarter moves")
    }

    @Test("A second replica is added to the first, which stays")
    func replicas() throws {
        for key in keys {
            #expect(try owners(key, of: 4).isSubset(of: try owners(key, of: 4, replicas: 2)))
        }
    }

    @Test("The owner of a key is the same in every version of the program")
    func stability() throws {
        let owners = try ["", "cache-1:6379", "mymaster", "10.0.0.1:7000"].map { try self.owners($0, of: 8).first }
        #expect(owners == [5, 2, 2, 5])
    }

    @Test(
        "A shard is read from numbers, or from the name of a StatefulSet's pod",
        arguments: [
            ("0/1", "anything", 0), ("2/8", "web", 2), ("hostname/3", "redstart-2", 2),
            ("hostname/12", "my-redstart-11.redstart.monitoring.svc", 11),
        ]
    )
    func notation(text: String, host: String, index: Int) throws {
        let notation = try ShardNotation(text)
        #expect(notation.description == text)
        let shard = try notation.shard(onHost: host)
        #expect(shard.index == index && shard.count == notation.count && shard.replicas == 1)
    }

    @Test(
        "A host name without a number, or with one that is too large, is refused",
        arguments: [
            ("web", "does not end in - and a number"), ("redstart-", "does not end in - and a number"),
            ("", "does not end in - and a number"), ("redstart-2a", "does not end in - and a number"),
            ("redstart-3", "the last of 3 is 2"), ("redstart-99999999999999999999", "does not end in - and a number"),
        ]
    )
    func hosts(name: String, text: String) throws {
        let notation = try ShardNotation("hostname/3")
        #expect {
            try notation.shard(onHost: name)
        } throws: { error in
            "\(error)".contains(text)
        }
    }
}
