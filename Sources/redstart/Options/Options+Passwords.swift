import FoundationEssentials
import RedisClient
import RedisFleet

extension Options {
    /// The largest password file that is taken.
    private static let passwordFileLimit = 16 << 20

    /// The passwords of `--redis.password-file`; none without that option.
    ///
    /// - Throws: `InvalidOption` that names the file, and never a password.
    func readPasswords() throws(InvalidOption) -> ServerPasswords {
        guard let path = passwordFile else { return ServerPasswords() }
        guard let bytes = try? Data(contentsOf: URL(filePath: path)), bytes.count <= Self.passwordFileLimit else {
            throw InvalidOption(
                "--redis.password-file \(path): the file cannot be read. Does it exist, and may Redstart read it?")
        }
        guard let entries = try? JSONDecoder().decode([String: String].self, from: bytes) else {
            throw InvalidOption(
                "--redis.password-file \(path): expected a JSON object of addresses and passwords, "
                    + "as in {\"redis://cache-1:6379\": \"…\"}"
            )
        }
        var passwords = ServerPasswords()
        for (text, password) in entries.sorted(by: { $0.key < $1.key }) {
            do throws(InvalidAddress) {
                passwords.add(Secret(password), for: try TargetAddress(text))
            } catch {
                throw InvalidOption("--redis.password-file \(path): \(error.message)")
            }
        }
        return passwords
    }
}
