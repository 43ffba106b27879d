import HTTPClient
import HTTPServer
import RemoteWrite
import Tracing

/// Whether and where spans are sent.
struct TraceOptions: Sendable {
    var endpoint: String?
    var headers: String?
    var ratio = 1.0
    var serviceName = "redstart"

    /// What the options say, `nil` where no spans are wanted.
    ///
    /// - Throws: `InvalidOption` of an address that is none, or header fields that cannot be read.
    func configuration() throws(InvalidOption) -> TraceExporter.Configuration? {
        guard let endpoint else { return nil }
        let url: HTTPURL
        do {
            url = try HTTPURL(endpoint)
        } catch {
            throw InvalidOption(
                "--otlp-traces-endpoint takes an address such as http://host:4318/v1/traces; this is none: \(error)")
        }
        return TraceExporter.Configuration(
            url: url,
            headers: try Self.fields(headers ?? ""),
            resource: [
                SpanAttribute("service.name", serviceName),
                SpanAttribute("service.version", Version.current),
                SpanAttribute("service.instance.id", Self.instance),
            ]
        )
    }

    /// Another in each process, as OpenTelemetry wants it: a random UUID of version 4.
    private static let instance: String = {
        let (high, low) = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        let version = high & ~0xF000 | 0x4000
        let variant = low & ~(0b11 << 62) | 0b10 << 62
        let digits = [version, variant].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
        var uuid = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { uuid.append("-") }
            uuid.append(digit)
        }
        return uuid
    }()

    /// `name=value,name=value`, percent-encoded as in W3C Baggage.
    private static func fields(_ text: String) throws(InvalidOption) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for part in text.split(separator: ",") {
            // The text is a secret, so no part of it is said.
            guard let equals = part.firstIndex(of: "="),
                let name = decoded(part[..<equals]), let value = decoded(part[part.index(after: equals)...]),
                !name.isEmpty, name.utf8.allSatisfy(isTokenByte), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else {
                throw InvalidOption("--otlp-traces-headers takes name=value,name=value with %-escapes; this is none")
            }
            fields.append((name, value))
        }
        return fields
    }

    private static func decoded(_ text: Substring) -> String? {
        let space = UInt8(ascii: " ")
        let trimmed = text.utf8.drop { $0 == space }
        return PercentCoding.decode(trimmed.reversed().drop { $0 == space }.reversed(), plusIsSpace: false)
    }

    /// RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
