import Testing

@testable import Metrics

@Suite("Number format")
struct NumberFormatTests {
    private func text(_ value: Double) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: NumberFormat.maximumByteCount) { memory, count in
            let start = memory.baseAddress!
            count = NumberFormat.write(value, to: start) - start
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "Numbers have their shortest form, without an exponent down to billionths",
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-7, "-7"), (10, "10"), (1_234_567, "1234567"), (0.5, "0.5"),
            (-1.25, "-1.25"), (0.1, "0.1"), (12.000001, "12.000001"), (99.99, "99.99"), (1e21, "1e+21"),
            (1.003e-6, "0.000001003"), (-2.5e-9, "-2.5e-09"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0.30000000000000004, "0.30000000000000004"),
        ] as [(Double, String)]
    )
    func shortest(value: Double, expected: String) {
        #expect(text(value) == expected)
    }

    @Test(
        "The decimal form has no exponent",
        arguments: [
            (0, "0"), (1, "1"), (-1.5, "-1.5"), (1e21, "1000000000000000000000"), (-1.25e-7, "-0.000000125"),
            (1e-5, "0.00001"), (1.2345678e20, "123456780000000000000"),
            (.leastNonzeroMagnitude, "0." + String(repeating: "0", count: 323) + "5"),
            (1e300, "1" + String(repeating: "0", count: 300)), (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)]
    )
    func decimal(value: Double, expected: String) {
        #expect(NumberFormat.decimalText(value) == expected)
    }

    @Test("The decimal form of any number reads back as itself")
    func decimalRoundTrip() {
        for _ in 0..<20_000 {
            let value = Double(bitPattern: UInt64.random(in: 0 ... .max))
            guard value.isFinite else { continue }
            let text = NumberFormat.decimalText(value)
            #expect(!text.contains("e"))
            #expect(Double(text) == value)
        }
    }

    @Test("Every number reads back as itself within its byte limit")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200_000 {
            let value: Double
            switch UInt8.random(in: 0..<4, using: &generator) {
            case 0: value = Double(bitPattern: generator.next())
            case 1: value = Double(Int64.random(in: -1_000_000_000_000...1_000_000_000_000)) / 1e6
            case 2: value = Double(Int32.random(in: .min ... .max)) / 100
            default: value = Double(Int64.random(in: .min ... .max))
            }
            let written = text(value)
            #expect(written.utf8.count <= 25)
            if value.isNaN {
                #expect(written == "NaN")
            } else if value.isFinite {
                #expect(Double(written) == value, "\(value) became \(written)")
            }
        }
    }
}
