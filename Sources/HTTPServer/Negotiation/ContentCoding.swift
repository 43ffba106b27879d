/// Whether a body goes out compressed.
enum ContentCoding {
    /// Whether an `Accept-Encoding` field asks for gzip: with a weight above zero and not below that of `identity`.
    static func acceptsGzip(_ acceptEncoding: String) -> Bool {
        if acceptEncoding == "gzip" { return true }
        var gzip: Int?
        var identity: Int?
        var anything: Int?
        var reader = FieldValueReader(acceptEncoding)
        while let element = reader.nextElement() {
            let quality = element.quality ?? 0
            switch element.value.lowercased() {
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, quality)
            case "identity": identity = quality
            case "*": anything = quality
            default: break
            }
        }
        let wish = gzip ?? anything ?? 0
        return wish > 0 && wish >= (identity ?? 0)
    }

    /// Whether bytes of a content type shrink: text does, pictures and archives are compressed already, and events
    /// must not wait for a compressor's block to fill.
    static func isCompressible(contentType: String) -> Bool {
        let end = contentType.utf8.firstIndex(of: UInt8(ascii: ";")) ?? contentType.endIndex
        let name = contentType[..<end].lowercased()
        if name.hasPrefix("text/") { return !name.hasPrefix("text/event-stream") }
        return ["json", "javascript", "xml", "openmetrics-text", "yaml", "wasm"].contains { name.contains($0) }
    }
}
