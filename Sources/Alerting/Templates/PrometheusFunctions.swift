import Metrics
import PromQL

extension TemplateFunction {
    /// Prometheus' functions that ask for samples or take them apart.
    static let queries: [TemplateFunction] = [
        TemplateFunction("query", [.string]) { (arguments, context) throws(FunctionFailure) in
            do throws(TemplateError) {
                return .vector(try context.query(text(arguments[0])))
            } catch {
                throw FunctionFailure(error.message)
            }
        },
        TemplateFunction("first", [.vector]) { (arguments, _) throws(FunctionFailure) in
            guard case .vector(let samples) = arguments[0], let first = samples.first else {
                throw FunctionFailure("first() called on vector with no elements")
            }
            return .sample(first)
        },
        TemplateFunction("label", [.string, .sample]) { arguments, _ in
            guard case .sample(let sample) = arguments[1] else { return .none }
            return .string(sample.labels[text(arguments[0])] ?? "")
        },
        TemplateFunction("value", [.sample]) { arguments, _ in
            guard case .sample(let sample) = arguments[0] else { return .none }
            return .float(sample.value)
        },
        TemplateFunction("strvalue", [.sample]) { arguments, _ in
            guard case .sample(let sample) = arguments[0] else { return .none }
            return .string(sample.labels["__value__"] ?? "")
        },
        TemplateFunction("sortByLabel", [.string, .vector]) { arguments, _ in
            guard case .vector(let samples) = arguments[1] else { return .none }
            let name = text(arguments[0])
            let keyed = samples.map { (key: $0.labels[name] ?? "", sample: $0) }
            return .vector(keyed.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.sample))
        },
        TemplateFunction("args", [.any], isVariadic: true) { arguments, _ in
            .map(Dictionary(uniqueKeysWithValues: arguments.enumerated().map { ("arg\($0)", $1) }))
        },
        TemplateFunction("externalURL", []) { _, context in .string(context.external.url) },
        TemplateFunction("pathPrefix", []) { _, context in .string(context.external.pathPrefix) },
        TemplateFunction("graphLink", [.string]) { arguments, _ in
            .string("/graph?g0.expr=\(queryEscaped(text(arguments[0])))&g0.tab=0")
        },
        TemplateFunction("tableLink", [.string]) { arguments, _ in
            .string("/graph?g0.expr=\(queryEscaped(text(arguments[0])))&g0.tab=1")
        },
        TemplateFunction("now", []) { _, context in .float(Double(context.timestampMilliseconds) / 1000) },
    ]

    /// Prometheus' functions on texts.
    static let texts: [TemplateFunction] = [
        TemplateFunction("title", [.string]) { arguments, _ in .string(titled(text(arguments[0]))) },
        TemplateFunction("toUpper", [.string]) { arguments, _ in
            .string(mapped(text(arguments[0])) { $0.properties.uppercaseMapping })
        },
        TemplateFunction("toLower", [.string]) { arguments, _ in
            .string(mapped(text(arguments[0])) { $0.properties.lowercaseMapping })
        },
        TemplateFunction("safeHtml", [.string]) { arguments, _ in arguments[0] },
        TemplateFunction("urlQueryEscape", [.string]) { arguments, _ in .string(queryEscaped(text(arguments[0]))) },
        TemplateFunction("match", [.string, .string]) { (arguments, _) throws(FunctionFailure) in
            .bool(try TextSearch.isFound(text(arguments[0]), in: text(arguments[1])))
        },
        TemplateFunction("reReplaceAll", [.string, .string, .string]) { (arguments, _) throws(FunctionFailure) in
            .string(
                try TextSearch.replacing(text(arguments[0]), by: text(arguments[1]), in: text(arguments[2]))
            )
        },
        TemplateFunction("stripPort", [.string]) { arguments, _ in
            .string(HostPort(text(arguments[0]))?.host ?? text(arguments[0]))
        },
        TemplateFunction("stripDomain", [.string]) { arguments, _ in .string(withoutDomain(text(arguments[0]))) },
    ]

    /// Prometheus' functions on numbers and times.
    static let numbers: [TemplateFunction] = [
        TemplateFunction("humanize", [.any]) { (arguments, _) throws(FunctionFailure) in
            .string(Humanize.metric(try number(arguments[0])))
        },
        TemplateFunction("humanize1024", [.any]) { (arguments, _) throws(FunctionFailure) in
            .string(Humanize.binary(try number(arguments[0])))
        },
        TemplateFunction("humanizeDuration", [.any]) { (arguments, _) throws(FunctionFailure) in
            .string(Humanize.duration(try number(arguments[0])))
        },
        TemplateFunction("humanizePercentage", [.any]) { (arguments, _) throws(FunctionFailure) in
            .string(Humanize.percentage(try number(arguments[0])))
        },
        TemplateFunction("humanizeTimestamp", [.any]) { (arguments, _) throws(FunctionFailure) in
            let seconds = try number(arguments[0])
            return .string(seconds.isFinite ? try time(seconds).description : GoFloat.fourDigits(seconds))
        },
        TemplateFunction("toTime", [.any]) { (arguments, _) throws(FunctionFailure) in
            .time(try time(try number(arguments[0])))
        },
        TemplateFunction("toDuration", [.any]) { (arguments, _) throws(FunctionFailure) in
            .duration(nanoseconds: try nanoseconds(try number(arguments[0]), what: "duration"))
        },
        TemplateFunction("parseDuration", [.string]) { (arguments, _) throws(FunctionFailure) in
            let written = text(arguments[0])
            guard !written.isEmpty else { throw FunctionFailure("empty duration string") }
            guard let milliseconds = DurationText.milliseconds(written) else {
                throw FunctionFailure("not a valid duration string: \(Quoting.quoted(written))")
            }
            return .float(Double(milliseconds) / 1000)
        },
    ]

    private static func nanoseconds(_ seconds: Double, what: String) throws(FunctionFailure) -> Int64 {
        guard seconds.isFinite else { throw FunctionFailure("value is NaN or Inf") }
        guard let result = Int64(exactly: (seconds * 1e9).rounded(.towardZero)) else {
            throw FunctionFailure(
                "\(GoFloat.shortest(seconds)) cannot be represented as a nanoseconds \(what) since it overflows int64"
            )
        }
        return result
    }

    private static func time(_ seconds: Double) throws(FunctionFailure) -> GoTime {
        GoTime(milliseconds: try nanoseconds(seconds, what: "timestamp") / 1_000_000)
    }

    /// Each word's first letter in upper case, all others as they are; words as in Go's `strings.Title`.
    private static func titled(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var follows = false
        for scalar in text.unicodeScalars {
            result.append(follows ? scalar : mapped(scalar, scalar.properties.titlecaseMapping))
            follows = isWordPart(scalar)
        }
        return String(result)
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        case _ where scalar.isASCII: false
        default: !scalar.properties.isWhitespace
        }
    }

    /// Go maps one character to one character; longer mappings (`ß` to `SS`) it does not know.
    private static func mapped(_ scalar: Unicode.Scalar, _ mapping: String) -> Unicode.Scalar {
        mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first ?? scalar : scalar
    }

    private static func mapped(_ text: String, _ mapping: (Unicode.Scalar) -> String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(mapped(scalar, mapping(scalar))) }
        return String(result)
    }

    private static func withoutDomain(_ text: String) -> String {
        let address = HostPort(text)
        let host = address?.host ?? text
        if HostPort.isAddress(host) { return text }
        let first = String(host.prefix { $0 != "." })
        guard let port = address?.port, !port.isEmpty else { return first }
        return first.contains(":") ? "[\(first)]:\(port)" : "\(first):\(port)"
    }
}
