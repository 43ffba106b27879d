import Glibc

/// How many files and connections the process may have open.
enum FileDescriptorLimit {
    /// Raises it to what the system allows.
    ///
    /// Shells and service managers start with 1,024, which is little for a fleet, and at the limit it is not only that
    /// nobody can connect: Dispatch ends the process when it cannot open the files about its own threads.
    static func raise() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // What cannot be raised stays as it is.
        _ = setrlimit(resource, &limit)
    }
}
