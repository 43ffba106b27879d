import TestServers

/// A scrape in the text format, read without any code of the product.
struct ScrapedText {
    /// One series and its value.
    struct Series {
        /// The name as it stands, with `_sum`, `_count` or `_bucket` of a summary or histogram.
        let name: String
        /// Labels without those that are empty: to Prometheus an empty label is none.
        let labels: [String: String]
        let value: Double

        /// The series as a line has it, labels in order.
        var text: String {
            let pairs = labels.sorted { $0.key < $1.key }.map { #"\#($0.key)="\#($0.value)""# }
            return name + (pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}")
        }
    }

    /// The type of each family.
    private(set) var types: [String: String] = [:]
    /// The families in the order in which they stand, once for each block of lines.
    private(set) var families: [String] = []
    private(set) var series: [Series] = []
    private var byName: [String: [Series]] = [:]

    init(_ text: String) throws {
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                guard words.count == 4 else { throw TestServerError("no TYPE line: \(line)") }
                types[String(words[2])] = String(words[3])
            } else if !line.hasPrefix("#") {
                let new = try Series(line)
                series.append(new)
                byName[new.name, default: []].append(new)
                let family = family(of: new.name)
                if families.last != family { families.append(family) }
            }
        }
    }

    /// The family that a series' name belongs to.
    func family(of name: String) -> String {
        if types[name] != nil { return name }
        for suffix in ["_sum", "_count", "_bucket", "_total", "_created", "_info"] where name.hasSuffix(suffix) {
            let stem = String(name.dropLast(suffix.count))
            if types[stem] != nil { return stem }
        }
        return name
    }

    /// The series of a name that have all these labels, and perhaps more.
    func series(_ name: String, having labels: [String: String]) -> [Series] {
        byName[name, default: []].filter { candidate in
            labels.allSatisfy { candidate.labels[$0.key] == $0.value }
        }
    }

    /// The value of the one series of a name that has all these labels.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = series(name, having: labels)
        return found.count == 1 ? found[0].value : nil
    }
}

extension ScrapedText.Series {
    /// Reads `name{label="value",…} value`, perhaps with a timestamp behind.
    init(_ line: Substring) throws {
        var rest = line
        name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while let next = rest.first, next != "}" {
                let label = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(label.count + 1)
                let value = try Self.quoted(&rest, in: line)
                if !value.isEmpty { labels[String(label)] = value }
                if rest.first == "," { rest.removeFirst() }
            }
            rest = rest.dropFirst()
        }
        guard let word = rest.split(separator: " ").first, let value = Double(word) else {
            throw TestServerError("no value in: \(line)")
        }
        self.labels = labels
        self.value = value
    }

    private static func quoted(_ rest: inout Substring, in line: Substring) throws -> String {
        guard rest.popFirst() == "\"" else { throw TestServerError("no quoted value in: \(line)") }
        var value = ""
        while let next = rest.popFirst() {
            switch next {
            case "\"":
                return value
            case "\\":
                guard let escaped = rest.popFirst() else { break }
                value.append(escaped == "n" ? "\n" : escaped)
            default:
                value.append(next)
            }
        }
        throw TestServerError("a value does not end in: \(line)")
    }
}
