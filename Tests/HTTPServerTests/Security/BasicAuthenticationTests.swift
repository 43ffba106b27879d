import Testing

@testable import HTTPServer

@Suite("Basic authentication")
struct BasicAuthenticationTests {
    /// `hunter2`, hashed by crypt(3) of libxcrypt with the least cost.
    private static let hash = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm"
    private static let otherVariant = "$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8."

    private func status(_ authentication: BasicAuthentication, _ header: String?) async -> Int {
        var headers: HeaderFields = [:]
        if let header { headers.add("Authorization", header) }
        let request = HTTPRequest(method: .get, path: "/metrics", headers: headers)
        return await authentication.refusal(of: request)?.status.code ?? 200
    }

    @Test(
        "Only the right user with the right password passes",
        arguments: [BasicAuthentication.Password.plain("hunter2"), .bcrypt(hash), .bcrypt(otherVariant)]
    )
    func credentials(password: BasicAuthentication.Password) async throws {
        let authentication = try BasicAuthentication(user: "prometheus", password: password)
        // prometheus:hunter2, twice as the second time is remembered.
        #expect(await status(authentication, "Basic cHJvbWV0aGV1czpodW50ZXIy") == 200)
        #expect(await status(authentication, "basic  cHJvbWV0aGV1czpodW50ZXIy") == 200)
        // prometheus:hunter3, other:hunter2, prometheus:, prometheus
        for wrong in ["cHJvbWV0aGV1czpodW50ZXIz", "b3RoZXI6aHVudGVyMg==", "cHJvbWV0aGV1czo=", "cHJvbWV0aGV1cw=="] {
            #expect(await status(authentication, "Basic \(wrong)") == 401)
        }
        for other in [nil, "", "Basic", "Basic !", "Bearer cHJvbWV0aGV1czpodW50ZXIy"] {
            #expect(await status(authentication, other) == 401)
        }
    }

    @Test("A password with a zero byte is not cut there")
    func zeroByte() async throws {
        let authentication = try BasicAuthentication(user: "a", password: .bcrypt(Self.hash))
        // a:hunter2\0x
        #expect(await status(authentication, "Basic YTpodW50ZXIyAHg=") == 401)
        #expect(await status(authentication, "Basic YTpodW50ZXIy") == 200)
    }

    @Test("A colon belongs to the password")
    func colon() async throws {
        let authentication = try BasicAuthentication(user: "a", password: .plain("b:c"))
        // a:b:c
        #expect(await status(authentication, "Basic YTpiOmM=") == 200)
    }

    @Test("The refusal says how to log in")
    func challenge() async throws {
        let authentication = try BasicAuthentication(user: "a", password: .plain("b"))
        let routes = authentication.protect([Route(.get, "/x") { _ in .text(.ok, "secret") }])
        let response = await routes[0].handler(HTTPRequest(method: .get, path: "/x"))
        #expect(response.status == .unauthorized)
        #expect(response.headers.first("www-authenticate") == "Basic realm=\"redstart\", charset=\"UTF-8\"")
    }

    @Test(
        "What is no hash of bcrypt is refused at the start",
        arguments: [
            "", "hunter2", "$2b$04$short", "$1$abc$def", "$2b$31$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm",
            "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRX\n",
        ]
    )
    func invalidHash(hash: String) {
        #expect(throws: HTTPServerError.unusablePasswordHash) {
            try BasicAuthentication(user: "a", password: .bcrypt(hash))
        }
    }
}
