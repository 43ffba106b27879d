import RedisClient
import RedisFleet
import Testing

@Suite("Whom /scrape may ask")
struct ScrapePolicyTests {
    private func node(_ address: String) throws -> NodeConfiguration {
        NodeConfiguration(connection: ConnectionOptions(address: try TargetAddress(address)))
    }

    /// Watches one server; the password file has another.
    private func resolve(_ text: String, watched: String = "redis://app:hunter2@cache-1:6379") async throws
        -> TargetAddress
    {
        var passwords = ServerPasswords()
        passwords.add(Secret("hunter3"), for: try TargetAddress("redis://cache-2:6379"))
        passwords.add(Secret("hunter4"), for: try TargetAddress("redis://admin@cache-1:6379"))
        passwords.add(Secret(""), for: try TargetAddress("redis://open:6379"))
        let policy = ScrapePolicy(
            passwords: passwords,
            allowed: [try AddressPattern("redis://10.*:6379")],
            template: try node("redis://:template@localhost")
        )
        let node = try node(watched)
        return try await policy.resolve(text) { endpoint in
            endpoint == node.connection.address.endpoint ? node : nil
        }.connection.address
    }

    @Test("A watched server keeps its user and password, a password in the question is nothing")
    func watched() async throws {
        for text in ["cache-1", "cache-1:6379", "redis://cache-1", "redis://:x@cache-1", "redis://app:x@cache-1"] {
            let address = try await resolve(text)
            #expect(address.user == "app" && address.password?.value == "hunter2", "\(text)")
        }
        #expect(try await resolve("redis://cache-1/3").database == 3)
    }

    @Test("Another user gets the password of that user, or nobody is asked")
    func otherUser() async throws {
        let address = try await resolve("redis://admin@cache-1")
        #expect(address.user == "admin" && address.password?.value == "hunter4")
        await #expect(throws: ScrapeRefusal.noPassword("redis://cache-1:6379")) {
            try await resolve("redis://root@cache-1")
        }
    }

    @Test("With TLS or without is another question, as a password would be readable")
    func tls() async throws {
        for (text, watched) in [
            ("redis://cache-1", "rediss://:hunter2@cache-1"), ("rediss://cache-1", "redis://:hunter2@cache-1"),
        ] {
            let error = await #expect(throws: ScrapeRefusal.self) { try await resolve(text, watched: watched) }
            guard case .invalid = error else { Issue.record("\(text) is not refused as invalid"); continue }
        }
    }

    @Test("A server in the password file gets its password, an empty one is none")
    func passwordFile() async throws {
        #expect(try await resolve("cache-2").password?.value == "hunter3")
        #expect(try await resolve("open").password == nil)
        await #expect(throws: ScrapeRefusal.self) { try await resolve("rediss://cache-2") }
        await #expect(throws: ScrapeRefusal.self) { try await resolve("redis://admin@cache-2") }
    }

    @Test("A server that is only allowed gets neither user nor password")
    func allowed() async throws {
        for text in ["10.1.2.3", "redis://app:hunter2@10.1.2.3:6379", "valkey://10.1.2.3"] {
            let address = try await resolve(text)
            #expect(address.user == nil && address.password == nil, "\(text)")
        }
        for text in ["10.1.2.3:6380", "rediss://10.1.2.3", "unix:///10.1.2.3:6379", "cache-9", "[::1]:6379"] {
            await #expect(throws: ScrapeRefusal.self) { try await resolve(text) }
        }
    }

    @Test("What is no address is refused as invalid, without showing a password")
    func invalid() async throws {
        for text in ["http://x:hunter2@y", "redis://:hunter2@", "a:b:c", "redis://x:hunter2@y:0"] {
            let error = await #expect(throws: ScrapeRefusal.self) { try await resolve(text) }
            guard case .invalid(let message) = error else { Issue.record("\(text) is not invalid"); continue }
            #expect(!message.contains("hunter2"))
        }
    }
}

@Suite("Patterns of addresses")
struct AddressPatternTests {
    @Test(
        "A star is any text, a question mark one character, the port of Redis may be left out",
        arguments: [
            ("redis://10.*:6379", "10.0.0.1", true), ("redis://10.*:6379", "10.0.0.1:6380", false),
            ("redis://10.*", "10.0.0.1:6380", true), ("redis://cache-1", "cache-1:6379", true),
            ("redis://cache-?", "cache-1", true), ("redis://cache-?", "cache-12", false),
            ("cache-*", "redis://CACHE-7", true), ("rediss://*", "redis://x", false),
            ("valkeys://*", "rediss://x", true), ("redis://*", "rediss://x", false),
            ("unix:///run/*.sock", "/run/redis.sock", true), ("redis://*", "unix:///run/redis.sock", false),
            ("redis://[::1]:*", "[::1]:7000", true), ("redis://*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ]
    )
    func matching(pattern: String, address: String, expected: Bool) throws {
        #expect(try AddressPattern(pattern).matches(try TargetAddress(address)) == expected)
    }

    @Test("A pattern with credentials or of another scheme is refused", arguments: ["redis://a:b@c", "http://*"])
    func invalid(pattern: String) {
        #expect(throws: InvalidTarget.self) { try AddressPattern(pattern) }
    }
}
