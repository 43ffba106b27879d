import Glibc

/// The folder that the state file is in.
enum StateFolder {
    /// Makes the folder and those above it; what is wrong if that fails.
    static func make(_ directory: String) -> StateProblem? {
        var path = ""
        for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
            path += part
            // History and alerts may name what is nobody else's business.
            if !path.isEmpty, mkdir(path, 0o700) != 0, errno != EEXIST, errno != EISDIR, access(path, F_OK) != 0 {
                return StateProblem(
                    kind: errno == EROFS || errno == EACCES ? .readOnly : .cannotOpen,
                    description: "cannot make the folder \(directory) for state: \(String(cString: strerror(errno))). "
                        + "Make it, owned by the user that runs this program (--state-dir)",
                    movedTo: nil
                )
            }
            path += "/"
        }
        return nil
    }

    /// Moves a damaged file aside, with what SQLite keeps beside it, to a name that is free.
    ///
    /// `now` is in milliseconds since 1970.
    static func moveAside(_ path: String, _ problem: StateProblem, now: Int64) -> StateProblem {
        var target = "\(path).broken-\(now / 1000)"
        var attempt = 1
        while access(target, F_OK) == 0, attempt < 1000 {
            attempt += 1
            target = "\(path).broken-\(now / 1000)-\(attempt)"
        }
        guard rename(path, target) == 0 else { return problem }
        // A log left in place would be taken for one of the new file.
        for suffix in ["-wal", "-shm"] { rename(path + suffix, target + suffix) }
        return problem.moved(to: target)
    }
}
