import HTTPServer
import WebPage

/// `/` and `/page/…`: the web page.
///
/// All that it shows it asks the other endpoints for.
struct PageRoutes: Sendable {
    /// An asset with the header fields it is sent with.
    private struct Page: Sendable {
        let body: SharedBody
        let headers: HeaderFields
        let tag: String
    }

    /// Nothing from elsewhere, no script in the document, no markup from a script, no frame.
    private static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private let document: Page
    private let assets: [String: Page]

    init() {
        document = Self.page(WebPage.document)
        assets = Dictionary(WebPage.assets.map { ($0.name, Self.page($0)) }) { first, _ in first }
    }

    private static func page(_ asset: WebPage.Asset) -> Page {
        let tag = "\"\(hash(asset.bytes))\""
        return Page(
            body: SharedBody(asset.bytes),
            headers: [
                "Content-Type": asset.contentType,
                "Content-Security-Policy": contentSecurityPolicy,
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "DENY",
                "Referrer-Policy": "no-referrer",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
                // After an upgrade of the daemon nobody sees old scripts: a browser asks, and gets 304 as an answer.
                "Cache-Control": "no-cache",
                "ETag": tag,
            ],
            tag: tag
        )
    }

    func index(_ request: HTTPRequest) -> HTTPResponse {
        Self.respond(document, to: request)
    }

    func asset(_ request: HTTPRequest) -> HTTPResponse {
        guard let page = request.parameter("name").flatMap({ assets[$0] }) else {
            return .text(.notFound, "There is no such file of the page.")
        }
        return Self.respond(page, to: request)
    }

    private static func respond(_ page: Page, to request: HTTPRequest) -> HTTPResponse {
        // A compressed answer has the same tag: RFC 9110, section 8.8.3, would have another one, or a weak comparison,
        // and with If-None-Match the comparison is weak.
        let known = request.headers.combined("if-none-match") ?? ""
        let isKnown = known.split(separator: ",").contains { entry in
            let tag = entry.drop { $0 == " " }
            return tag == page.tag || tag == "W/\(page.tag)"
        }
        return isKnown
            ? HTTPResponse(.notModified, headers: page.headers)
            : HTTPResponse(.ok, headers: page.headers, body: .shared(page.body))
    }

    /// FNV-1a: it only has to differ where the bytes do, and nobody else chooses them.
    private static func hash(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
