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
        return await authentication.refusal(of: headers)?.status.code ?? 200
    }

    private func demanding(_ user: String, _ password: AccessRules.Password) throws -> BasicAuthentication {
        try #require(try BasicAuthentication(users: [user: password]))
    }

    @Test(
        "Only the right user with the right password passes",
        arguments: [AccessRules.Password.plain("hunter2"), .bcrypt(hash), .bcrypt(otherVariant)]
    )
    func credentials(password: AccessRules.Password) async throws {
        let authentication = try demanding("prometheus", password)
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
        let authentication = try demanding("a", .bcrypt(Self.hash))
        // a:hunter2\0x
        #expect(await status(authentication, "Basic YTpodW50ZXIyAHg=") == 401)
        #expect(await status(authentication, "Basic YTpodW50ZXIy") == 200)
    }

    @Test("A colon belongs to the password")
    func colon() async throws {
        let authentication = try demanding("a", .plain("b:c"))
        // a:b:c
        #expect(await status(authentication, "Basic YTpiOmM=") == 200)
    }

    @Test("The refusal says how to log in")
    func challenge() async throws {
        let response = try #require(await demanding("a", .plain("b")).refusal(of: [:]))
        #expect(response.status == .unauthorized)
        #expect(response.headers.first("www-authenticate") == "Basic realm=\"redstart\", charset=\"UTF-8\"")
    }

    @Test("Each of several users has a password of their own")
    func users() async throws {
        let users: [String: AccessRules.Password] = ["ann": .bcrypt(Self.hash), "bob": .plain("xyz")]
        let authentication = try #require(try BasicAuthentication(users: users))
        // ann:hunter2, bob:xyz, ann:xyz, bob:hunter2, eve:hunter2, and eve once more: nothing of hers is remembered
        for (credentials, code) in [
            ("YW5uOmh1bnRlcjI=", 200), ("Ym9iOnh5eg==", 200), ("YW5uOnh5eg==", 401), ("Ym9iOmh1bnRlcjI=", 401),
            ("ZXZlOmh1bnRlcjI=", 401), ("ZXZlOmh1bnRlcjI=", 401),
        ] {
            #expect(await status(authentication, "Basic \(credentials)") == code)
        }
    }

    @Test("Without users nobody is asked")
    func nobody() throws {
        #expect(try BasicAuthentication(users: [:]) == nil)
    }

    @Test("Of passwords that are tried at once only so many wait, and the right one passes as soon as it is known")
    func queue() async throws {
        // 2^12 rounds take a fifth of a second: the checks below are all there before the first is done.
        let slow = "$2b$12$abcdefghijklmnopqrstuuOeZ2hQ32AyBh8ZYFFLfYoUxWKOV2GcS"
        let check = PasswordCheck()
        let user = Array("ann".utf8)
        let answers = await withTaskGroup(of: Bool?.self) { group in
            for _ in 0..<40 { group.addTask { await check.accepts([1, 2, 3], hash: slow, of: nil) } }
            return await group.reduce(into: [Bool?]()) { $0.append($1) }
        }
        #expect(answers.contains(nil))
        #expect(answers.contains(false))
        #expect(!answers.contains(true))
        #expect(await check.accepts(Array("hunter2".utf8), hash: Self.hash, of: user) == true)
        // Known by its mark: the hash is not even looked at.
        #expect(await check.accepts(Array("hunter2".utf8), hash: "", of: user) == true)
        #expect(await check.accepts(Array("hunter3".utf8), hash: "", of: user) == false)
        #expect(await check.accepts(Array("hunter2".utf8), hash: "", of: Array("bob".utf8)) == false)
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
            _ = try BasicAuthentication(users: ["a": .bcrypt(hash)])
        }
    }
}
