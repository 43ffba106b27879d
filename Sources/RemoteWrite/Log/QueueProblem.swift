import Glibc

/// Why the queue cannot be kept on disk.
public struct QueueProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of problem it is; the raw value is for the label of a metric.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Another process has the folder.
        case locked
        /// The folder may not be written.
        case readOnly = "read_only"
        /// The disk is full, or no file may grow any more.
        case full
        /// Reading or writing failed otherwise.
        case failed
    }

    /// What kind of problem it is.
    public let kind: Kind
    /// What happened, to which file, and what to do.
    public let description: String

    /// What the system says of a file, `errno` as it is.
    static func system(_ what: String, _ path: String) -> QueueProblem {
        let (code, reason) = (errno, String(cString: strerror(errno)))
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            return QueueProblem(
                kind: .full,
                description: "\(what) \(path): \(reason). What is to be written remotely waits in memory until there "
                    + "is space (--state-dir, remote_write_queue_bytes)"
            )
        case EACCES, EPERM, EROFS:
            return QueueProblem(
                kind: .readOnly,
                description: "\(what) \(path): \(reason). It must be owned by the user that runs this program"
            )
        default: return QueueProblem(kind: .failed, description: "\(what) \(path): \(reason)")
        }
    }

    static func locked(_ path: String) -> QueueProblem {
        QueueProblem(
            kind: .locked,
            description: "the folder \(path) is in use by another process. Is a second redstart running with the same "
                + "--state-dir? Give each its own folder"
        )
    }
}
