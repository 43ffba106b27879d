/// Waits until a condition holds, which is tried again and again; throws what was expected after `seconds`.
public func eventually(
    _ expectation: String,
    seconds: Int = 60,
    every pause: Duration = .milliseconds(5),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        guard .now < end else { throw TestServerError("\(seconds) s in vain for: \(expectation)") }
        try await Task.sleep(for: pause)
    }
}
