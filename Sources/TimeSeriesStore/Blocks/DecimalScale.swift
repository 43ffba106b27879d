/// Numbers as Redis prints them are short decimals: an integer over a power of ten gives the very same double.
enum DecimalScale {
    /// The largest number of decimal places that is tried.
    static let maximum = 12
    /// Integers up to here survive the rounding below, and their differences fit into 64 bits by far.
    private static let limit = 2_251_799_813_685_248.0
    /// A double of this size has no bits for fractions: adding it and taking it away rounds to the nearest integer.
    private static let rounder = 6_755_399_441_055_744.0

    static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]

    /// Writes the integers and returns the number of decimal places, or `nil` where some value is no short decimal.
    static func integers(
        of values: UnsafePointer<UInt64>,
        count: Int,
        into integers: UnsafeMutablePointer<Int64>
    ) -> Int? {
        if writeIntegers(of: values, count: count, into: integers) { return 0 }
        return powers.withUnsafeBufferPointer { powers in
            (1...maximum).first { scale in
                writeIntegers(of: values, count: count, power: powers[scale], into: integers)
            }
        }
    }

    private static func writeIntegers(
        of values: UnsafePointer<UInt64>,
        count: Int,
        into integers: UnsafeMutablePointer<Int64>
    ) -> Bool {
        for index in 0..<count {
            let value = Double(bitPattern: values[index])
            // Written so that NaN fails.
            guard value.magnitude <= limit else { return false }
            let integer = Int64(value)
            guard Double(integer).bitPattern == values[index] else { return false }
            integers[index] = integer
        }
        return true
    }

    private static func writeIntegers(
        of values: UnsafePointer<UInt64>,
        count: Int,
        power: Double,
        into integers: UnsafeMutablePointer<Int64>
    ) -> Bool {
        for index in 0..<count {
            let scaled = Double(bitPattern: values[index]) * power
            guard scaled.magnitude <= limit else { return false }
            let rounded = (scaled + rounder) - rounder
            guard (rounded / power).bitPattern == values[index] else { return false }
            integers[index] = Int64(rounded)
        }
        return true
    }
}
