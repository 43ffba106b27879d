import Metrics
import Synchronization

/// The buffers that polls are read into: as many as there are polls under way, not one per node.
final class SampleBufferPool: Sendable {
    /// A few polls overlap; of a start, when many do, not all memory is kept.
    private static let limit = 16

    private let buffers = Mutex([SampleBuffer]())

    /// An empty buffer.
    func take() -> SampleBuffer {
        buffers.withLock { $0.popLast() } ?? SampleBuffer()
    }

    /// Takes a buffer back, whatever is in it, and leaves a new one.
    func takeBack(_ buffer: inout SampleBuffer) {
        // In place: a copy would share the memory, and could not keep it.
        buffer.removeAll()
        let empty = buffer
        buffer = SampleBuffer()
        buffers.withLock { buffers in
            if buffers.count < Self.limit { buffers.append(empty) }
        }
    }
}
