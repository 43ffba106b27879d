public import NIOCore

/// Runs a task's code on an event loop, where its awaits come back to as well.
///
/// An actor that lives on the event loop does not need it to be there, but its tasks do: what resumes a continuation
/// goes to the shared pool first where the task prefers no executor, two changes of thread for each.
public final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    /// An executor for tasks that prefer `eventLoop`.
    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Puts the job at the end of the event loop's queue.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
