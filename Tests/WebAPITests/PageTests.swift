import Testing
import WebPage

@testable import HTTPServer
@testable import WebAPI

@Suite("The page and what it is made of")
struct PageTests {
    private func page(_ headers: HeaderFields = [:], name: String? = nil) -> HTTPResponse {
        var request = HTTPRequest(method: .get, path: "/", headers: headers)
        guard let name else { return PageRoutes().index(request) }
        request.parameters["name"] = name
        return PageRoutes().asset(request)
    }

    @Test("Everything together is less than 150 KB when compressed")
    func size() throws {
        let sizes = try (WebPage.assets + [WebPage.document]).map { try #require(GzipEncoder.compress($0.bytes)).count }
        #expect(sizes.reduce(0, +) < 150_000)
        #expect(sizes.allSatisfy { $0 > 100 })
    }

    @Test("Every file has its type, a strict policy, and a tag by which a browser need not load it again")
    func headers() throws {
        for name in [nil] + WebPage.assets.map(\.name) {
            let response = page(name: name)
            #expect(response.status == .ok)
            let policy = try #require(response.headers.first("Content-Security-Policy"))
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"))
            #expect(response.headers.first("X-Content-Type-Options") == "nosniff")
            #expect(response.headers.first("X-Frame-Options") == "DENY")
            let tag = try #require(response.headers.first("ETag"))
            for known in [tag, "W/\(tag)", "\"other\", \(tag)"] {
                let again = page(["If-None-Match": known], name: name)
                #expect(again.status == .notModified && again.headers.first("ETag") == tag)
                guard case .bytes(let bytes) = again.body else { throw APIError.badData("a stream") }
                #expect(bytes.isEmpty)
            }
            #expect(page(["If-None-Match": "\"other\""], name: name).status == .ok)
        }
        #expect(page(name: "main.js").headers.first("Content-Type") == "text/javascript; charset=utf-8")
        #expect(page(name: "../../etc/passwd").status == .notFound)
        #expect(Set(WebPage.assets.map { page(name: $0.name).headers.first("ETag") }).count == WebPage.assets.count)
    }

    @Test("Nothing makes markup of text, and nothing is loaded from elsewhere")
    func noMarkup() {
        for asset in WebPage.assets + [WebPage.document] {
            let text = String(decoding: asset.bytes, as: UTF8.self)
            for word in [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "@import",
            ] {
                #expect(!text.contains(word), "\(asset.name) has \(word)")
            }
            let addresses = text.split(separator: "http").dropFirst().filter {
                $0.hasPrefix("://") || $0.hasPrefix("s://")
            }
            #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") }, "\(asset.name)")
        }
        let document = String(decoding: WebPage.document.bytes, as: UTF8.self)
        #expect(!document.contains("<style") && !document.contains(" style=") && !document.contains(" onclick"))
    }

    @Test("Every module that another one asks for is there")
    func imports() {
        let names = Set(WebPage.assets.map(\.name))
        for asset in WebPage.assets + [WebPage.document] {
            let text = String(decoding: asset.bytes, as: UTF8.self)
            for quote in ["from './", "import('./", "\"page/"] {
                for piece in text.split(separator: quote).dropFirst() where text.contains(quote) {
                    let name = String(piece.prefix { $0 != "'" && $0 != "\"" })
                    #expect(names.contains(name), "\(asset.name) asks for \(name)")
                }
            }
        }
    }
}

@Suite("Who may change something")
struct ChangeGuardTests {
    private let changes = ChangeGuard()

    private func problem(_ headers: HeaderFields) -> String? {
        changes.problem(with: HTTPRequest(method: .post, path: "/", headers: headers))
    }

    @Test("A program that is no browser, and the page itself with its token")
    func allowed() {
        #expect(problem(["Host": "redstart:9121"]) == nil)
        let token = changes.token
        #expect(problem(["Host": "Redstart:9121", "Origin": "http://redstart:9121", "X-Redstart-Token": token]) == nil)
        #expect(
            problem(["Host": "a", "Origin": "https://a", "Sec-Fetch-Site": "same-origin", "X-Redstart-Token": token])
                == nil)
    }

    @Test("No other page, and none without the token")
    func refused() {
        let token = changes.token
        #expect(
            problem(["Host": "a", "Origin": "http://evil", "X-Redstart-Token": token])?.contains("another origin")
                == true)
        #expect(
            problem(["Host": "a", "Origin": "null", "X-Redstart-Token": token])?.contains("another origin") == true)
        #expect(problem(["Host": "a", "Sec-Fetch-Site": "cross-site"])?.contains("another site") == true)
        #expect(problem(["Host": "a", "Sec-Fetch-Site": "same-site", "X-Redstart-Token": token]) != nil)
        #expect(problem(["Host": "a", "Origin": "http://a"])?.contains("X-Redstart-Token") == true)
        #expect(
            problem(["Host": "a", "Origin": "http://a", "X-Redstart-Token": "x"])?.contains("X-Redstart-Token") == true)
        #expect(ChangeGuard().token != token && token.count == 32)
    }

    @Test(
        "A name that anybody may have pointed here changes nothing, whatever its page has read",
        arguments: [
            ("localhost:9121", true), ("127.0.0.1:9121", true), ("[::1]:9121", true), ("redstart", true),
            ("Redis.Example.org", true), ("redis.example.org:9121", true),
            ("rebound.example.com:9121", false), ("1.2.3.4.example.com", false), ("redis.example.org.evil.com", false),
        ])
    func names(host: String, isOwn: Bool) {
        let changes = ChangeGuard(hostName: "redis.example.org")
        let headers: HeaderFields = [
            "Host": host, "Origin": "http://\(host)", "Sec-Fetch-Site": "same-origin",
            "X-Redstart-Token": changes.token,
        ]
        let problem = changes.problem(with: HTTPRequest(method: .post, path: "/", headers: headers))
        #expect(isOwn ? problem == nil : problem?.contains("--web.external-url") == true)
    }
}

@Suite("The live feed")
struct LiveFeedTests {
    @Test("All readers get the same messages, a slow one the newest of them")
    func messages() async throws {
        let feed = LiveFeed()
        let quick = try #require(feed.messages())
        let slow = try #require(feed.messages())
        var iterator = quick.makeAsyncIterator()
        for number in 0..<100 {
            feed.send([UInt8(number)])
            #expect(await iterator.next() == [UInt8(number)])
        }
        feed.end()
        #expect(await iterator.next() == nil)
        var numbers: [UInt8] = []
        for await message in slow { numbers += message }
        #expect(numbers == Array(68..<100))
    }

    @Test("No more than a number of readers; one that goes makes room")
    func limit() async {
        let feed = LiveFeed()
        var readers = (0..<LiveFeed.readerLimit).compactMap { _ in feed.messages() }
        #expect(readers.count == LiveFeed.readerLimit && feed.messages() == nil)
        // A reader goes when its task is cancelled.
        let last = readers.removeLast()
        let task = Task { for await _ in last {} }
        task.cancel()
        await task.value
        #expect(feed.readerCount == LiveFeed.readerLimit - 1)
        #expect(feed.messages() != nil)
    }

    @Test("Polls are noted only while somebody reads, once each")
    func polls() throws {
        let feed = LiveFeed()
        feed.note("a:1", reason: "refused")
        #expect(feed.takePolls().isEmpty)
        let reader = try #require(feed.messages())
        feed.note("a:1", reason: "")
        feed.note("a:1", reason: "refused")
        #expect(feed.takePolls() == ["a:1": "refused"])
        #expect(feed.takePolls().isEmpty)
        withExtendedLifetime(reader) {}
    }
}
