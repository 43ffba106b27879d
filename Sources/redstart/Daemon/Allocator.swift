import CMalloc
import NIOCore

/// How the C library's allocator treats memory that was used once.
///
/// Blocks of history come and go in all sizes between what stays, and rules and scrapes take large pieces for a moment.
/// Left alone, the allocator kept a third of the memory of a thousand nodes for nothing.
enum Allocator {
    /// Has one arena per core.
    ///
    /// The default is eight, and what one arena has free is of no use to the others. Only arenas that are not there yet
    /// are held back, so this comes before threads are started.
    static func limitArenas() {
        mallopt(M_ARENA_MAX, Int32(clamping: System.coreCount))
    }

    /// Gives whole pages that nobody uses back to the system.
    static func returnFreeMemory() {
        malloc_trim(0)
    }
}
