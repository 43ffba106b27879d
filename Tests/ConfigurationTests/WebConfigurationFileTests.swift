import HTTPServer
import Testing

@testable import Configuration

@Suite("web.yml")
struct WebConfigurationFileTests {
    private static let hash = "$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8."

    private func file(_ text: String) throws(ConfigurationError) -> WebConfigurationFile {
        try WebConfigurationFile(Array(text.utf8), path: "/etc/web.yml")
    }

    private func message(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try file(text)
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test("What says nothing lets everybody in, by plain HTTP", arguments: ["", "tls_server_config:\n", "{}"])
    func empty(text: String) throws {
        #expect(try file(text).access == AccessRules())
    }

    @Test("Everything that it may say is read")
    func full() throws {
        let file = try file(
            """
            tls_server_config:
              cert_file: server.crt
              key_file: /keys/server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.crt
              client_allowed_sans: [prometheus, 10.0.0.1]
              min_version: TLS12
              max_version: TLS13
              cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
              prefer_server_cipher_suites: true
              curve_preferences: [X25519, CurveP256]
            http_server_config:
              http2: true
              headers:
                Strict-Transport-Security: max-age=31536000
                X-Frame-Options: deny
            basic_auth_users:
              ann: \(Self.hash)
              bob: "\(Self.hash)"
            """
        )
        var files = ServerTLSFiles(certificate: "/etc/server.crt", key: "/keys/server.key")
        files.clientCertificates = .verified
        files.clientAuthorities = "/etc/ca.crt"
        files.clientNames = ["prometheus", "10.0.0.1"]
        files.cipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"].compactMap { name in
            ServerTLSFiles.CipherSuite.all.first { $0.name == name }
        }
        files.curves = ["X25519", "CurveP256"].compactMap { name in
            ServerTLSFiles.Curve.all.first { $0.name == name }
        }
        #expect(file.access.tls == files)
        #expect(file.access.users == ["ann": .bcrypt(Self.hash), "bob": .bcrypt(Self.hash)])
        #expect(
            file.access.headers == ["Strict-Transport-Security": "max-age=31536000", "X-Frame-Options": "deny"])
        #expect(file.remarks == ["/etc/web.yml:13:10: http2 has no effect, clients are answered by HTTP/1.1"])
    }

    @Test(
        "A mistake is told with its place",
        arguments: [
            ("tls_serverconfig:\n", "/etc/web.yml:1:1: unknown key \"tls_serverconfig\", did you mean"),
            ("tls_server_config:\n  cert_file: a\n", "/etc/web.yml:2:3: tls_server_config has no key_file"),
            ("tls_server_config: {cert_file: a, key_file: b, key: c}", "/etc/web.yml:1:48: unknown key \"key\""),
            (
                "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireVerify}",
                "/etc/web.yml:1:66: \"RequireVerify\" is not known"
            ),
            (
                "tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}",
                "/etc/web.yml:1:20: client_ca_file has no effect with this client_auth_type"
            ),
            (
                "tls_server_config: {cert_file: a, key_file: b, client_allowed_sans: [c]}",
                "/etc/web.yml:1:20: client_allowed_sans has no effect with this client_auth_type"
            ),
            (
                "tls_server_config: {cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12}",
                "/etc/web.yml:1:20: min_version is newer than max_version"
            ),
            (
                "tls_server_config: {cert_file: a, key_file: b, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}",
                "/etc/web.yml:1:64: \"TLS_RSA_WITH_RC4_128_SHA\" is not known"
            ),
            (
                "tls_server_config: {cert_file: a, key_file: b, curve_preferences: [x25519]}",
                "/etc/web.yml:1:68: \"x25519\" is not known, did you mean \"X25519\"?"
            ),
            (
                "http_server_config:\n  headers:\n    Server: x\n",
                "/etc/web.yml:3:5: \"Server\" is not a header field that can be set"
            ),
            (
                "http_server_config: {headers: {X-Frame-Options: Deny}}",
                "/etc/web.yml:1:49: \"Deny\" is not a value of X-Frame-Options, did you mean \"deny\"?"
            ),
            ("basic_auth_users: [a]", "/etc/web.yml:1:19: the users are none"),
            ("basic_auth_users: {\"a:b\": x}", "/etc/web.yml:1:20: the name of a user is empty or has a colon"),
        ]
    )
    func mistakes(text: String, start: String) {
        #expect(message(text).hasPrefix(start), "\(message(text))")
    }

    @Test("What stands in the place of a hash is not shown")
    func secret() {
        let text = message("basic_auth_users:\n  ann: hunter2\n")
        #expect(text.hasPrefix("/etc/web.yml:2:8: the password of this user is no hash of bcrypt"))
        #expect(!text.contains("hunter2"))
    }
}
