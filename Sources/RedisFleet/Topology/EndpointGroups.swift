import RedisClient

/// Addresses joined to disjoint groups.
struct EndpointGroups {
    private var parents: [Endpoint: Endpoint] = [:]

    /// All addresses that were mentioned.
    var endpoints: Dictionary<Endpoint, Endpoint>.Keys {
        parents.keys
    }

    /// Makes sure that the address is in a group.
    mutating func insert(_ endpoint: Endpoint) {
        if parents[endpoint] == nil { parents[endpoint] = endpoint }
    }

    /// Makes the groups of two addresses one.
    mutating func join(_ first: Endpoint, _ second: Endpoint) {
        let firstRoot = root(of: first)
        let secondRoot = root(of: second)
        if firstRoot != secondRoot { parents[secondRoot] = firstRoot }
    }

    /// The address that stands for the group.
    mutating func root(of endpoint: Endpoint) -> Endpoint {
        insert(endpoint)
        var current = endpoint
        while let parent = parents[current], parent != current {
            // Shortens the way for the next who asks.
            parents[current] = parents[parent] ?? parent
            current = parent
        }
        return current
    }
}

extension Endpoint {
    /// Ascending by host, then by port as a number.
    static func < (left: Endpoint, right: Endpoint) -> Bool {
        switch (left, right) {
        case (.tcp(let leftHost, let leftPort), .tcp(let rightHost, let rightPort)):
            leftHost == rightHost ? leftPort < rightPort : leftHost < rightHost
        case (.tcp, .unix): true
        case (.unix, .tcp): false
        case (.unix(let leftPath), .unix(let rightPath)): leftPath < rightPath
        }
    }
}
