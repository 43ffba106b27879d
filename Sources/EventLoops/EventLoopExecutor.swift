public import NIOCore
import Synchronization

/// Runs actors and tasks on an event loop.
///
/// An actor whose executor this is lives on the loop's thread. A task that prefers it runs its code there, too, and
/// comes back there from what it awaits; what resumes it would go to the shared pool first, two changes of thread for
/// each. A task that prefers the executor of the actor it calls is not even suspended on the way in.
public final class EventLoopExecutor: SerialExecutor, TaskExecutor {
    private static let executors = Mutex<[ObjectIdentifier: EventLoopExecutor]>([:])

    /// The executor of an event loop: always the same, as an executor is known by its identity.
    ///
    /// Kept for the life of the process, and the loop with it.
    public static func of(_ eventLoop: any EventLoop) -> EventLoopExecutor {
        executors.withLock { executors in
            let id = ObjectIdentifier(eventLoop)
            if let known = executors[id] { return known }
            let new = EventLoopExecutor(eventLoop)
            executors[id] = new
            return new
        }
    }

    private let eventLoop: any EventLoop

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Puts the job at the end of the event loop's queue.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute {
            job.runSynchronously(
                isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
        }
    }

    /// Stops the process where it is not the event loop's thread that asks.
    public func checkIsolated() {
        eventLoop.preconditionInEventLoop()
    }
}
