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
        "Numbers have their shortest form",
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-7, "-7"), (10, "10"), (1_234_567, "1234567"), (0.5, "0.5"),
            (-1.25, "-1.25"), (0.1, "0.1"), (12.000001, "12.000001"), (99.99, "99.99"), (1e21, "1e+21"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0.30000000000000004, "0.30000000000000004"),
        ] as [(Double, String)]
    )
    func shortest(value: Double, expected: String) {
        #expect(text(value) == expected)
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
