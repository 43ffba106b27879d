import Testing

@testable import HTTPServer

@Suite("Rules of access")
struct ServerAccessTests {
    @Test("Whoever may not ask learns not even which paths there are, until the rules are replaced")
    func paths() async throws {
        let access = try ServerAccess(AccessRules(users: ["ann": .plain("x")]))
        let routes = [Route(.get, "/secret") { _ in .text(.ok, "secret") }]
        try await RunningServer.with(access: access, routes: routes) { server in
            #expect(try await server.status("GET /secret") == "401")
            #expect(try await server.status("GET /nothing") == "401")
            #expect(try await server.status("POST /secret") == "401")
            // ann:x
            #expect(try await server.status("GET /secret", "Authorization: Basic YW5uOng=") == "200")
            #expect(try await server.status("GET /nothing", "Authorization: Basic YW5uOng=") == "404")
            try access.replace(with: AccessRules(users: ["bob": .plain("y")]))
            #expect(try await server.status("GET /secret", "Authorization: Basic YW5uOng=") == "401")
            try access.replace(with: AccessRules())
            #expect(try await server.status("GET /secret") == "200")
        }
    }

    @Test("Answers have the fields of the rules, and of those that they set themselves their own")
    func fields() async throws {
        let rules = AccessRules(headers: ["X-Frame-Options": "sameorigin", "X-XSS-Protection": "0"])
        let routes = [
            Route(.get, "/plain") { _ in .text(.ok, "x") },
            Route(.get, "/own") { _ in HTTPResponse(.ok, headers: ["X-Frame-Options": "DENY"]) },
        ]
        try await RunningServer.with(access: try ServerAccess(rules), routes: routes) { server in
            let plain = try await server.ask("GET /plain")
            for field in ["X-Frame-Options: sameorigin", "X-XSS-Protection: 0", "X-Content-Type-Options: nosniff"] {
                #expect(plain.contains("\r\n\(field)\r\n"))
            }
            let own = try await server.ask("GET /own")
            #expect(own.contains("X-Frame-Options: DENY"))
            #expect(!own.contains("sameorigin"))
            // Refusals of the server itself, too.
            #expect(try await server.ask("BAD\u{1} /").contains("X-Content-Type-Options: nosniff"))
        }
    }

    @Test("HTTPS does not begin while the server runs, and what cannot be read changes nothing")
    func failure() throws {
        let access = try ServerAccess(AccessRules(users: ["ann": .plain("x")]))
        let files = ServerTLSFiles(certificate: "/no/such", key: "/no/such")
        #expect(throws: HTTPServerError.tlsNeedsRestart) { try access.replace(with: AccessRules(tls: files)) }
        #expect(throws: HTTPServerError.self) { _ = try ServerAccess(AccessRules(tls: files)) }
        #expect(throws: HTTPServerError.unusablePasswordHash) {
            try access.replace(with: AccessRules(users: ["bob": .bcrypt("x")]))
        }
        #expect(access.current.rules.users.keys.sorted() == ["ann"])
    }
}

extension RunningServer {
    /// The whole answer to a request over a connection of its own.
    fileprivate func ask(_ line: String, _ fields: String...) async throws -> String {
        let lines = ["\(line) HTTP/1.1", "Host: x", "Connection: close"] + fields + ["", ""]
        return try await connect { client in
            try await client.send(lines.joined(separator: "\r\n"))
            return try await client.receiveAll()
        }
    }

    fileprivate func status(_ line: String, _ fields: String...) async throws -> String {
        let answer = try await fields.isEmpty ? ask(line) : ask(line, fields[0])
        return answer.split(separator: " ").dropFirst().first.map(String.init) ?? answer
    }
}
