import Glibc
import NIOPosix
import Synchronization

/// Threads of their own for queries, which may compute for minutes: polls and the rest of the program do not wait for
/// them, and the system gives them what the others leave.
///
/// They are made with the first query.
final class QueryThreads: TaskExecutor {
    /// What `nice` adds for these threads.
    private static let niceness: Int32 = 5
    private let count: Int
    private let pool = Mutex<NIOThreadPool?>(nil)

    init(count: Int) {
        self.count = count
    }

    deinit {
        pool.withLock { $0?.shutdownGracefully { _ in } }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        startedPool().submit { _ in
            Self.becomeNice()
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }

    private func startedPool() -> NIOThreadPool {
        pool.withLock { pool in
            if let pool { return pool }
            let started = NIOThreadPool(numberOfThreads: count)
            started.start()
            pool = started
            return started
        }
    }

    /// Lowers the priority of the calling thread, which on Linux is what 0 stands for; nothing depends on success.
    private static func becomeNice() {
        let which = __priority_which_t(PRIO_PROCESS.rawValue)
        guard getpriority(which, 0) < niceness else { return }
        setpriority(which, 0, niceness)
    }
}
