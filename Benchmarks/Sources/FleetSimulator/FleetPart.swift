import ArgumentParser

/// A part of the fleet, as written on the command line.
struct FleetPart: ExpressibleByArgument {
    let deployments: Int
    let shards: Int
    let replicas: Int
    /// Of each deployment.
    let sentinels: Int
    let isCluster: Bool

    /// `standalone:700`, `replication:60x4` (60 masters, 4 replicas each), `replication:60x4x3` (and 3 Sentinels each),
    /// `cluster:3x1` (3 masters, 1 replica each).
    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard parts.count == 2 else { return nil }
        let numbers = parts[1].split(separator: "x").compactMap { Int($0) }
        guard numbers.allSatisfy({ (0...20_000).contains($0) }), let first = numbers.first, first > 0 else {
            return nil
        }
        isCluster = parts[0] == "cluster"
        sentinels = numbers.count == 3 ? numbers[2] : 0
        switch (parts[0], numbers.count) {
        case ("standalone", 1): (deployments, shards, replicas) = (first, 1, 0)
        case ("replication", 2), ("replication", 3): (deployments, shards, replicas) = (first, 1, numbers[1])
        case ("cluster", 2): (deployments, shards, replicas) = (1, first, numbers[1])
        default: return nil
        }
    }
}

/// Where the first node is; the others are at the addresses behind it, all with one port.
struct FirstAddress {
    let port: Int
    private let number: UInt32

    init(_ text: String, port: Int) throws {
        let bytes = text.split(separator: ".").compactMap { UInt8($0) }
        guard bytes.count == 4, bytes[0] == 127 else {
            throw SimulatorError("expected an address of the loopback interface such as 127.1.0.1, not \(text)")
        }
        number = bytes.reduce(0) { $0 << 8 | UInt32($1) }
        self.port = port
    }

    func address(_ index: Int) -> String {
        let number = number + UInt32(index)
        return [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
    }
}
