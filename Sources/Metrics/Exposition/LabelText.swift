/// Labels as the exposition formats write them.
public enum LabelText {
    /// `a="b",c="d"`, without braces and without `__name__`; empty for no labels.
    public static func render(_ labels: Labels) -> [UInt8] {
        var output: [UInt8] = []
        labels.withEachPair { name, value in
            if name.elementsEqual(Labels.metricNameLabel.utf8) { return }
            if !output.isEmpty { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: name)
            output.append(contentsOf: "=\"".utf8)
            appendEscaped(value, to: &output)
            output.append(UInt8(ascii: "\""))
        }
        return output
    }

    static func appendPrefix(of labels: Labels, to output: inout [UInt8]) {
        output.append(contentsOf: (labels.metricName ?? "").utf8)
        let rendered = render(labels)
        if !rendered.isEmpty {
            output.append(UInt8(ascii: "{"))
            output.append(contentsOf: rendered)
        }
    }

    /// The three escapes both formats have: backslash, quote and line feed.
    private static func appendEscaped(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: #"\n"#.utf8)
            default: output.append(byte)
            }
        }
    }
}
