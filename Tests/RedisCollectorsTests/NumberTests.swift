import Testing

@testable import RedisCollectors

@Suite struct NumberTests {
    static func decimal(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        return bytes.span.decimal(in: 0..<bytes.count)
    }

    static func integer(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        return bytes.span.integer(in: 0..<bytes.count)
    }

    @Test(
        "A number reads as the nearest double",
        arguments: [
            "0", "1", "-1", "-0", "1795229104252715", "0.230629", "5.72", "0.1", "3.14159265358979", "1e3", "-2.5E-3",
            "123456789012345678", "1234567890123456789", "18446744073709551615", "99999999999999999999", "0.000001",
            "9007199254740993", "0.12345678901234567", "1000000.000001", "1099511627776.5",
        ]
    )
    func numbersAreExact(text: String) {
        #expect(Self.decimal(text) == Double(text))
    }

    @Test("What is no number is none", arguments: ["", "-", ".", "1.2.3", "0x1", "nan", "inf", "1 ", "+-1", "e5"])
    func othersAreRefused(text: String) {
        #expect(Self.decimal(text) == nil)
    }

    @Test("Random decimals of the lengths INFO has read as the nearest double")
    func randomDecimals() {
        var random = RobustnessTests.Random(state: 7)
        for _ in 0..<20_000 {
            let whole = Int.random(in: 0..<1_000_000_000, using: &random)
            let fraction = String(Int.random(in: 0..<1_000_000, using: &random))
            let text = "\(whole).\(fraction)"
            #expect(Self.decimal(text) == Double(text))
        }
    }

    @Test("Integers stay within 64 bits")
    func integersAreBounded() {
        #expect(Self.integer("9223372036854775807") == .max)
        #expect(Self.integer("-9223372036854775808") == .min)
        #expect(Self.integer("9223372036854775808") == nil)
        #expect(Self.integer("-9223372036854775809") == nil)
        #expect(Self.integer("99999999999999999999999") == nil)
        #expect(Self.integer("") == nil)
        #expect(Self.integer("1.5") == nil)
    }
}
