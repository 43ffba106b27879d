import RedisClient

/// Elements joined to disjoint groups, such as addresses of nodes that belong together.
struct DisjointGroups<Element: Hashable & Sendable>: Sendable {
    private var parents: [Element: Element] = [:]

    /// Makes sure that the element is in a group.
    mutating func insert(_ element: Element) {
        if parents[element] == nil { parents[element] = element }
    }

    /// Makes the groups of two elements one.
    mutating func join(_ first: Element, _ second: Element) {
        let firstRoot = root(of: first)
        let secondRoot = root(of: second)
        if firstRoot != secondRoot { parents[secondRoot] = firstRoot }
    }

    /// The element that stands for the group.
    mutating func root(of element: Element) -> Element {
        insert(element)
        var current = element
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
