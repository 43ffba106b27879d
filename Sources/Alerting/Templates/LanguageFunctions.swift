import Metrics

extension TemplateFunction {
    /// The functions of Go's text/template apart from comparisons.
    ///
    /// `and` and `or` are evaluated by the execution, which
    /// stops at the first argument that decides.
    static let language: [TemplateFunction] = [
        TemplateFunction("and", [.any, .any], isVariadic: true) { arguments, _ in
            arguments.first { !$0.isTrue } ?? arguments.last ?? .none
        },
        TemplateFunction("or", [.any, .any], isVariadic: true) { arguments, _ in
            arguments.first { $0.isTrue } ?? arguments.last ?? .none
        },
        TemplateFunction("not", [.any]) { arguments, _ in .bool(!arguments[0].isTrue) },
        TemplateFunction("len", [.any]) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(try count(arguments[0])))
        },
        TemplateFunction("index", [.any, .any], isVariadic: true) { (arguments, _) throws(FunctionFailure) in
            try arguments.dropFirst().reduceThrowing(arguments[0], element)
        },
        TemplateFunction("slice", [.any, .any], isVariadic: true) { (arguments, _) throws(FunctionFailure) in
            try slice(arguments)
        },
        TemplateFunction("print", [.any], isVariadic: true) { arguments, _ in .string(printed(arguments)) },
        TemplateFunction("println", [.any], isVariadic: true) { arguments, _ in
            .string(arguments.map(\.formatted).joined(separator: " ") + "\n")
        },
        TemplateFunction("printf", [.string, .any], isVariadic: true) { arguments, _ in
            .string(GoPrintf.format(text(arguments[0]), Array(arguments.dropFirst())))
        },
        TemplateFunction("html", [.any], isVariadic: true) { arguments, _ in
            .string(escaped(printed(arguments), html))
        },
        TemplateFunction("js", [.any], isVariadic: true) { arguments, _ in
            .string(escaped(printed(arguments), javaScript))
        },
        TemplateFunction("urlquery", [.any], isVariadic: true) { arguments, _ in
            .string(queryEscaped(printed(arguments)))
        },
        TemplateFunction("call", [.any, .any], isVariadic: true) { (arguments, _) throws(FunctionFailure) in
            throw FunctionFailure("non-function of type \(arguments[0].typeName)")
        },
    ]

    private static func count(_ value: TemplateValue) throws(FunctionFailure) -> Int {
        switch value {
        case .string(let text): return text.utf8.count
        case .labels(let labels): return labels.count
        case .map(let entries): return entries.count
        case .vector(let samples): return samples.count
        case .none: throw FunctionFailure("reflect: call of reflect.Value.Type on zero Value")
        default: throw FunctionFailure("len of type \(value.typeName)")
        }
    }

    private static func element(_ value: TemplateValue, _ key: TemplateValue) throws(FunctionFailure) -> TemplateValue {
        switch (value, key) {
        case (.labels(let labels), .string(let name)): return .string(labels[name] ?? "")
        case (.map(let entries), .string(let name)): return entries[name] ?? .none
        case (.labels, _), (.map, _):
            throw FunctionFailure("value has type \(key.typeName); should be string")
        case (.vector(let samples), .integer(let index)):
            guard index >= 0, index < samples.count else {
                throw FunctionFailure("index out of range: \(index)")
            }
            return .sample(samples[Int(index)])
        case (.string(let text), .integer(let index)):
            guard index >= 0, index < text.utf8.count else { throw FunctionFailure("index out of range: \(index)") }
            return .integer(Int64(text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: Int(index))]))
        case (.vector, _), (.string, _):
            throw FunctionFailure("cannot index slice/array with type \(key.typeName)")
        case (.none, _): throw FunctionFailure("index of untyped nil")
        default: throw FunctionFailure("can't index item of type \(value.typeName)")
        }
    }

    private static func slice(_ arguments: [TemplateValue]) throws(FunctionFailure) -> TemplateValue {
        let bounds = arguments.count - 1
        let length: Int
        switch arguments[0] {
        case .string(let text):
            guard bounds < 3 else { throw FunctionFailure("cannot 3-index slice a string") }
            length = text.utf8.count
        case .vector(let samples): length = samples.count
        case .none: throw FunctionFailure("slice of untyped nil")
        default: throw FunctionFailure("can't slice item of type \(arguments[0].typeName)")
        }
        guard bounds <= 3 else { throw FunctionFailure("too many slice indexes: \(bounds)") }
        var limits = [0, length]
        for (place, argument) in arguments.dropFirst().prefix(2).enumerated() {
            guard case .integer(let index) = argument else {
                throw FunctionFailure("cannot index slice/array with type \(argument.typeName)")
            }
            guard index >= 0, index <= length else { throw FunctionFailure("index out of range: \(index)") }
            limits[place] = Int(index)
        }
        guard limits[0] <= limits[1] else {
            throw FunctionFailure("invalid slice index: \(limits[0]) > \(limits[1])")
        }
        switch arguments[0] {
        case .string(let text):
            return .string(String(decoding: Array(text.utf8)[limits[0]..<limits[1]], as: UTF8.self))
        case .vector(let samples): return .vector(Array(samples[limits[0]..<limits[1]]))
        default: return .none
        }
    }

    /// Go's `fmt.Sprint`: a space between two arguments only where neither is a text.
    private static func printed(_ arguments: [TemplateValue]) -> String {
        var result = ""
        var wasText = true
        for (index, argument) in arguments.enumerated() {
            var isText = false
            if case .string = argument { isText = true }
            if index > 0, !isText, !wasText { result += " " }
            result += argument.formatted
            wasText = isText
        }
        return result
    }

    private static let html: [Character: String] = [
        "\"": "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\u{FFFD}",
    ]
    private static let javaScript: [Character: String] = [
        "\\": "\\\\", "'": "\\'", "\"": "\\\"", "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D",
        "\n": "\\u000A", "\r": "\\u000D", "\t": "\\u0009",
    ]

    private static func escaped(_ text: String, _ escapes: [Character: String]) -> String {
        text.unicodeScalars.map { escapes[Character($0)] ?? String(Character($0)) }.joined()
    }

    /// Go's `url.QueryEscape`.
    static func queryEscaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += "+"
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0" + digits : "%" + digits
            }
        }
        return result
    }
}

extension ArraySlice<TemplateValue> {
    fileprivate func reduceThrowing(
        _ first: TemplateValue,
        _ step: (TemplateValue, TemplateValue) throws(FunctionFailure) -> TemplateValue
    ) throws(FunctionFailure) -> TemplateValue {
        var result = first
        for element in self { result = try step(result, element) }
        return result
    }
}
