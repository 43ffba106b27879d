internal import NIOPosix
internal import Synchronization

/// Compares passwords with hashes of bcrypt, which is slow on purpose.
///
/// On a thread of its own, one after the other: neither event loops nor the threads of the program wait, and whoever
/// tries passwords takes one processor at most. A right one is remembered by its mark, one for each user.
final class PasswordCheck: Sendable {
    /// Checks beyond this number are refused.
    private static let queueLimit = 32

    private struct State {
        var accepted: [[UInt8]: PasswordMark] = [:]
        var waiting = 0
        var pool: NIOThreadPool?
    }

    private let state = Mutex(State())

    deinit {
        state.withLock { $0.pool?.shutdownGracefully { _ in } }
    }

    /// Whether the password is the one of the hash; `nil` where too many others wait.
    ///
    /// - Parameter user: Whose password that is; of nobody's none is remembered.
    func accepts(_ password: [UInt8], hash: String, of user: [UInt8]?) async -> Bool? {
        let mark = PasswordMark(password)
        if isKnown(mark, of: user) { return true }
        guard let pool = enter() else { return nil }
        let isRight = try? await pool.runIfActive {
            // Requests that came at once find what the first of them has found.
            self.isKnown(mark, of: user) || BcryptHash.isSame(password, hash: hash)
        }
        state.withLock { state in
            state.waiting -= 1
            if let user, isRight == true { state.accepted[user] = mark }
        }
        return isRight
    }

    private func isKnown(_ mark: PasswordMark, of user: [UInt8]?) -> Bool {
        guard let user else { return false }
        return state.withLock { $0.accepted[user] == mark }
    }

    /// The thread, made with the first check; `nil` where too many wait for it.
    private func enter() -> NIOThreadPool? {
        state.withLock { state in
            guard state.waiting < Self.queueLimit else { return nil }
            state.waiting += 1
            if let pool = state.pool { return pool }
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            state.pool = pool
            return pool
        }
    }
}

/// What a password is known again by, without keeping it.
///
/// Twice SipHash, whose key is that of the process, each over a secret of its own: 128 bits that nobody outside can
/// compute, which are worth nothing beyond this process, and cost less than a microsecond.
struct PasswordMark: Equatable {
    private static let secrets = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    private let first: Int
    private let second: Int

    init(_ password: [UInt8]) {
        first = Self.hash(password, Self.secrets.0)
        second = Self.hash(password, Self.secrets.1)
    }

    private static func hash(_ password: [UInt8], _ secret: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(secret)
        hasher.combine(password)
        return hasher.finalize()
    }
}
