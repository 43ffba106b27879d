internal import CCrypt
internal import Glibc

/// Passwords hashed by bcrypt, checked by the system's crypt(3).
enum BcryptHash {
    /// A hash has this many bytes: `$2b$10$`, 22 of salt and 31 of the rest.
    private static let length = 60

    /// Whether the text is a hash that can be checked.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == length, ["$2a$", "$2b$", "$2y$"].contains(where: text.hasPrefix) else { return false }
        // A cost beyond this takes minutes.
        guard let cost = cost(of: text), (4...20).contains(cost) else { return false }
        return bytes[6] == UInt8(ascii: "$")
            && bytes[7...].allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// The logarithm of the number of rounds: 10 of `$2y$10$…`.
    static func cost(of hash: String) -> Int? {
        Int(hash.dropFirst(4).prefix(2))
    }

    /// Whether the hash is that of the password; takes as long as the hash's cost demands.
    static func isSame(_ password: [UInt8], hash: String) -> Bool {
        // C sees the end of the password in a zero byte, and would compare the part before.
        guard !password.contains(0) else { return false }
        var data: UnsafeMutableRawPointer?
        var size: CInt = 0
        defer { free(data) }
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        guard let made = crypt_ra(phrase, hash, &data, &size) else { return false }
        return isSame(Array(String(cString: made).utf8), Array(hash.utf8))
    }

    /// Whether two texts are the same, in a time that does not depend on where they differ.
    static func isSame(_ one: [UInt8], _ two: [UInt8]) -> Bool {
        var difference = one.count ^ two.count
        for index in one.indices {
            difference |= Int(one[index] ^ (two.isEmpty ? 0 : two[index % two.count]))
        }
        return difference == 0
    }
}
