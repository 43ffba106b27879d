import Testing

@testable import WebAPI

@Suite("Texts as Go writes them")
struct GoTextTests {
    @Test(
        "A number with an exponent has the fewest digits and at least two in the exponent",
        arguments: [
            (1, "1e+00"), (0, "0e+00"), (-0.0, "-0e+00"), (10, "1e+01"), (0.5, "5e-01"), (12.5, "1.25e+01"),
            (1e21, "1e+21"), (1.25e22, "1.25e+22"), (1e-7, "1e-07"), (-3.0625e-5, "-3.0625e-05"), (100, "1e+02"),
            (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (0.1, "1e-01"),
            (123456.789, "1.23456789e+05"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func exponential(value: Double, text: String) {
        #expect(GoText.exponential(value) == text)
    }
}
