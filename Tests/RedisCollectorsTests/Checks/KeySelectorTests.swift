import Testing

@testable import RedisCollectors

@Suite struct KeySelectorTests {
    @Test("A list is read as redis_exporter reads it")
    func list() throws {
        let selectors = try KeySelector.list("db3=user:*, count%3A1 ,5=a%2Cb+c,,db0=")
        let texts = selectors.map { "\($0.databaseLabel) \(String(decoding: $0.key, as: UTF8.self))" }
        #expect(texts == ["db3 user:*", "db0 count:1", "db5 a,b c"])
        #expect(selectors.map(\.isPattern) == [true, false, false])
        #expect(try KeySelector.list("").isEmpty)
    }

    @Test("Bytes that are no text can be named")
    func anyByte() throws {
        #expect(try KeySelector.list("%00%ff").map(\.key) == [[0, 255]])
    }

    @Test(
        "What is no list is refused with the part and what was expected",
        arguments: [
            ("a=b=c", "'a=b=c' has more than one '=': expected key or db0=key, with %3D for an equals sign"),
            ("ok,%2", "'%2': '%' must be followed by two hexadecimal digits, as in %2C"),
            ("ok,%zz", "'%zz': '%' must be followed by two hexadecimal digits, as in %2C"),
            ("dbx=a", "'dbx=a': expected a database such as db0 before the '='"),
            ("db-1=a", "'db-1=a': expected a database such as db0 before the '='"),
            ("=a", "'=a': expected a database such as db0 before the '='"),
            ("db99999999999999999999=a", "'db99999999999999999999=a': expected a database such as db0 before the '='"),
        ]
    )
    func refused(text: String, message: String) {
        #expect(throws: InvalidKeyList(message: message)) { try KeySelector.list(text) }
    }
}
