/// A clock for one program under test, which the test sets forward and back.
///
/// A library in front of the C library answers for the time of day; the steady clock stays the system's. (libfaketime
/// changes the environment before the program begins, which keeps Swift from finding the arguments.)
public struct SettableClock: Sendable {
    private let directory: TemporaryDirectory

    /// Makes the library; it shows the right time.
    public init() throws(TestServerError) {
        directory = try TemporaryDirectory()
        try directory.write(Self.source, to: "clock.c")
        try run("clang", "-shared", "-fPIC", "-O1", "-o", "clock.so", "clock.c", in: directory)
        try set(bySeconds: 0)
    }

    /// The words before a program and its arguments that put it under this clock.
    public var prefix: [String] {
        ["env", "LD_PRELOAD=\(directory.file("clock.so"))", "CLOCK_OFFSET_FILE=\(directory.file("offset"))"]
    }

    /// Sets the clock so far from the right time.
    public func set(bySeconds offset: Int) throws(TestServerError) {
        try directory.write("\(offset)\n", to: "new-offset")
        // At once, as it is read at every look at the clock.
        try run("mv", "new-offset", "offset", in: directory)
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long offset(void) {
            char text[32] = {0};
            const char *path = getenv("CLOCK_OFFSET_FILE");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return 0;
            if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
            close(file);
            return atol(text);
        }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = syscall(SYS_clock_gettime, clock, time);
            if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += offset();
            return result;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *target) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (target) *target = now.tv_sec;
            return now.tv_sec;
        }
        """#
}
