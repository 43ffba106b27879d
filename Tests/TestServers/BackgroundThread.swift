import Glibc

/// Runs `body` on a thread of its own, for what blocks: the threads that tasks and queues share stay free.
func onNewThread(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        },
        box.toOpaque()
    )
    guard code == 0 else { fatalError("no thread for a test server: \(String(cString: strerror(code)))") }
    pthread_detach(thread)
}

/// A closure as an object, whose address goes through C.
private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
