import Testing

@testable import HTTPServer

@Suite struct ListenAddressTests {
    @Test(
        "an address is read and written back",
        arguments: [
            ("0.0.0.0:9121", "0.0.0.0", 9121), ("[::]:9121", "::", 9121), ("[::1]:0", "::1", 0),
            ("localhost:65535", "localhost", 65_535), (":9121", nil, 9121),
        ] as [(String, String?, Int)])
    func reading(text: String, host: String?, port: Int) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
    }
}

@Suite struct ErrorMessageTests {
    @Test(
        "a bad listen address says what is wrong with it",
        arguments: [
            ("localhost", "the port is missing. Write host:port, [IPv6]:port or :port"),
            ("localhost:", "the port is missing. Write host:port, [IPv6]:port or :port"),
            ("", "the port is missing. Write host:port, [IPv6]:port or :port"),
            (":http", "'http' is not a port. Use 0 to 65535"),
            (":65536", "'65536' is not a port. Use 0 to 65535"),
            (":-1", "'-1' is not a port. Use 0 to 65535"),
            (":99999999999999999999", "'99999999999999999999' is not a port. Use 0 to 65535"),
            ("::1:9121", "an IPv6 address needs brackets, as in [::1]:9121"),
            ("[::1:9121", "an IPv6 address stands in brackets, as in [::1]:9121"),
            ("[]:9121", "an IPv6 address stands in brackets, as in [::1]:9121"),
        ])
    func listenAddress(text: String, problem: String) {
        #expect {
            try ListenAddress(parsing: text)
        } throws: {
            "\($0)" == "invalid listen address '\(text)': \(problem) (--web.listen-address)"
        }
    }

    @Test(
        "an address that cannot be had says why and what to do",
        arguments: [
            (
                ListenFailure.addressInUse,
                "address already in use. Is another process listening there? Stop it or choose another port"
            ),
            (.notPermitted, "permission denied. Ports below 1024 need a privilege; choose a higher one"),
            (
                .addressNotAvailable,
                "no interface of this machine has that address. Use 0.0.0.0 or [::] for all of them"
            ),
            (.unknownHost, "the host name has no address. Use an IP address or a name this machine can resolve"),
            (.tooManyOpenFiles, "too many open files. Raise the limit (ulimit -n)"),
            (.other("Protocol not supported"), "Protocol not supported"),
        ])
    func cannotListen(failure: ListenFailure, text: String) {
        let error = HTTPServerError.cannotListen(ListenAddress(host: "0.0.0.0", port: 9121), failure)
        #expect("\(error)" == "cannot listen on 0.0.0.0:9121: \(text) (--web.listen-address)")
    }

    @Test("every reason of refusal has a label of its own")
    func refusalLabels() {
        #expect(HTTPRefusal.allCases.map(\.index) == Array(0..<HTTPRefusal.allCases.count))
        #expect(Set(HTTPRefusal.allCases.map(\.rawValue)).count == HTTPRefusal.allCases.count)
    }
}
