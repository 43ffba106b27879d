import BundledRules
import TestServers

/// The bundled rules with all times a small part of what they are, so that what takes minutes takes seconds.
enum HastyRules {
    /// Writes them into the folder `rules`.
    ///
    /// - Parameters:
    ///   - hurry: By what all times are divided.
    ///   - changes: Texts in what comes of it and what stands there instead, for limits that no test can reach.
    static func write(
        to directory: TemporaryDirectory,
        hurry: Int,
        changes: [(old: String, new: String)] = []
    ) throws -> String {
        for (name, bytes) in BundledRules.files {
            var text = shortened(String(decoding: bytes, as: UTF8.self), hurry)
            for (old, new) in changes { text = text.replacing(old, with: new) }
            try directory.write(text, to: "hasty-\(name)")
        }
        return directory.file("hasty-*.rules.yml")
    }

    /// What it says of ranges, offsets, intervals and times to hold, divided.
    static func shortened(_ text: String, _ hurry: Int = 100) -> String {
        let time = /(?<before>\[|offset |for: |interval: |:)(?<count>[0-9]+)(?<unit>[smhd])(?=[\]\s\):])/
        return text.replacing(time) { match in
            let seconds = [Substring("s"): 1, "m": 60, "h": 3600, "d": 86400][match.unit] ?? 1
            let milliseconds = (Int(match.count) ?? 0) * seconds * 1000 / hurry
            // A group is evaluated once a second at most.
            let isInterval = match.before == "interval: "
            return "\(match.before)\(isInterval ? "1s" : "\(milliseconds)ms")"
        }
    }
}
