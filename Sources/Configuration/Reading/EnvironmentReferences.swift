import YAML

/// Puts variables of the environment in the place of `${NAME}`; `$$` is a dollar sign.
struct EnvironmentReferences {
    let lookUp: (String) -> String?

    /// The tree with the references in all its values replaced; keys stay as they are.
    func resolved(in node: YAMLNode) throws(YAMLError) -> YAMLNode {
        try node.mappingTexts { (text, location) throws(YAMLError) in
            try resolved(in: text, at: location)
        }
    }

    private func resolved(
        in text: String,
        at location: YAMLLocation
    ) throws(YAMLError) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.hasPrefix("$") {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.hasPrefix("{") {
                result += try value(ofReferenceAt: &rest, at: location)
            } else {
                // Templates have dollar signs of their own.
                result += "$"
            }
        }
        return result + rest
    }

    private func value(
        ofReferenceAt rest: inout Substring,
        at location: YAMLLocation
    ) throws(YAMLError) -> String {
        let name = rest.dropFirst().prefix { $0 != "}" }
        guard Self.isName(name), name.endIndex < rest.endIndex else {
            throw YAMLError(
                at: location,
                "${ is not followed by the name of a variable and }",
                expected: "${NAME}, or $$ for a dollar sign"
            )
        }
        guard let value = lookUp(String(name)) else {
            throw YAMLError(
                at: location,
                "the environment variable \(name) is not set",
                expected: "a value for it, or $$ for a dollar sign"
            )
        }
        rest = rest[rest.index(after: name.endIndex)...]
        return value
    }

    private static func isName(_ text: Substring) -> Bool {
        text.first?.isNumber == false
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
