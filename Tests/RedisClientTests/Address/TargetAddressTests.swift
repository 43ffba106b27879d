import RedisClient
import Testing

@Suite("Addresses")
struct TargetAddressTests {
    @Test(
        "An address is read and written",
        arguments: [
            ("redis://cache-1:6379", "redis://cache-1:6379"), ("cache-1", "redis://cache-1:6379"),
            ("cache-1:7000", "redis://cache-1:7000"), ("REDIS://Cache-1", "redis://Cache-1:6379"),
            ("rediss://cache-1", "rediss://cache-1:6379"), ("valkey://h:1/", "valkey://h:1"),
            ("valkeys://h:65535/3", "valkeys://h:65535/3"), ("[::1]", "redis://[::1]:6379"),
            ("redis://[fe80::1%eth0]:7/2", "redis://[fe80::1%eth0]:7/2"), ("127.0.0.1:6380", "redis://127.0.0.1:6380"),
            ("unix:///run/redis.sock", "unix:///run/redis.sock"), ("/run/redis.sock", "unix:///run/redis.sock"),
            ("unix:///run/redis.sock?db=4", "unix:///run/redis.sock?db=4"), ("redis://h?db=5", "redis://h:6379/5"),
            ("unix:///run/a@b.sock", "unix:///run/a@b.sock"), ("unix:///a%20b", "unix:///a b"),
            ("redis://reader:s%40cret@h:1/2", "redis://h:1/2"), ("unix://:secret@/run/r", "unix:///run/r"),
        ]
    )
    func roundTrip(text: String, description: String) throws {
        #expect(try TargetAddress(text).description == description)
    }

    @Test("User, password and database are taken from the address and percent-decoded")
    func credentials() throws {
        let address = try TargetAddress("rediss://reader:p%40s%3As/%C3%A9@cache-1:6380/2")
        #expect(address.user == "reader")
        #expect(address.password?.value == "p@s:s/é")
        #expect(address.database == 2)
        #expect(address.endpoint == .tcp(host: "cache-1", port: 6380))
        #expect(address.scheme.usesTLS)
        let onlyPassword = try TargetAddress("redis://:a@b@h")
        #expect(onlyPassword.user == nil)
        #expect(onlyPassword.password?.value == "a@b")
        let onlyUser = try TargetAddress("reader@h")
        #expect(onlyUser.user == "reader")
        #expect(onlyUser.password == nil)
        let socket = try TargetAddress("unix://u:p@/run/redis.sock?db=1")
        #expect(socket.endpoint == .unix(path: "/run/redis.sock"))
        #expect(socket.user == "u" && socket.password?.value == "p" && socket.database == 1)
    }

    @Test("A bad address is refused with what is wrong, and never with its credentials")
    func errors() {
        let cases = [
            ("", "invalid address '': expected host:port or a URL such as redis://host:6379"),
            ("redis://", "invalid address 'redis://': there is no host; expected host:port"),
            (":6379", "invalid address ':6379': there is no host; expected host:port"),
            (
                "http://h",
                "invalid address 'http://h': unknown scheme 'http'; expected redis://, rediss://, valkey://, valkeys:// or unix://"
            ),
            (
                "redis://u:hunter2@h:99999",
                "invalid address 'redis://…@h:99999': the port must be a number from 1 to 65535"
            ),
            ("redis://:hunter2", "invalid address 'redis://:…': there is no host; expected host:port"),
            ("redis://u:hunter2", "invalid address 'redis://u:…': the port must be a number from 1 to 65535"),
            ("h:0", "invalid address 'h:0': the port must be a number from 1 to 65535"),
            ("h:", "invalid address 'h:': the port must be a number from 1 to 65535"),
            ("::1", "invalid address '::1': an IPv6 address needs brackets, as in [::1]:6379"),
            ("[::1", "invalid address '[::1': the ']' behind the IPv6 address is missing"),
            ("[h]:1", "invalid address '[h]:1': 'h' is not an IPv6 address; brackets are for these only"),
            ("[::1]x", "invalid address '[::1]x': the port must be a number from 1 to 65535"),
            ("a b:1", "invalid address 'a b:1': a host name has letters, digits, '.', '-' and '_' only"),
            (
                "redis://h/x",
                "invalid address 'redis://h/x': the database must be a number, as in redis://host:6379/0 or unix:///path?db=0"
            ),
            (
                "unix:///s?password=hunter2",
                "invalid address 'unix:///s?…': unknown parameter 'password'; only db=NUMBER is known"
            ),
            (
                "unix://s",
                "invalid address 'unix://s': expected the absolute path of a socket, as in unix:///run/redis.sock"
            ),
            (
                "redis://u:hunter2%zz@h",
                "invalid address 'redis://…@h': user or password has a '%' that is not followed by two hexadecimal digits; write it as %25"
            ),
        ]
        for (text, message) in cases {
            let error = #expect(throws: InvalidAddress.self, "\(text)") { try TargetAddress(text) }
            #expect(error?.message == message)
            #expect(error?.message.contains("hunter2") == false)
        }
    }

    @Test("No way of printing an address shows the password")
    func noPassword() throws {
        let address = try TargetAddress("redis://u:hunter2@h")
        var dumped = ""
        dump(address, to: &dumped)
        let options = ConnectionOptions(address: address)
        for text in ["\(address)", String(reflecting: address), dumped, "\(options)", String(reflecting: options)] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test("Random text is an address or an error")
    func randomText() {
        var random = SeededRandom(state: 3)
        let alphabet = Array("redis://unix:@[]%?db=/.:1a-_ é\0".unicodeScalars)
        for _ in 0..<5000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                text.append(alphabet.randomElement(using: &random) ?? "x")
            }
            do throws(InvalidAddress) {
                let address = try TargetAddress(String(text))
                let again = try TargetAddress(address.description)
                #expect(address.scheme == .unix || again.endpoint == address.endpoint)
            } catch {
                #expect(error.message.hasPrefix("invalid address"))
            }
        }
    }
}
