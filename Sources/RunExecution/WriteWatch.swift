internal import Glibc
internal import LinuxSystem
package import RunModel
internal import Synchronization
package import WardenClient

/// Tells in which order a program has written to its two pipes, which the pipes themselves do not: the kernel notes each write in one
/// queue (inotify), where writes to the same pipe in a row are one note.
///
/// Queues are used again: to close one takes 7 to 14 ms on a busy machine (synchronize_srcu).
package struct WriteWatch: Sendable {
    private static let idle = WriteQueues()
    /// Bytes of a note: those of a watch on a pipe have no name behind them.
    private static let note = 16

    private let queue: SharedDescriptor
    private let stdout: Int32
    private let stderr: Int32

    /// Nil where the kernel has no room for it or does not let us: order is that of reading then.
    init?(stdout: Int32, stderr: Int32) {
        guard let queue = Self.idle.take() else { return nil }
        self.queue = queue
        // The number of a watch is not used again before the queue has had all others. What a queue still holds of earlier
        // watches is skipped.
        self.stdout = inotify_add_watch(queue.number, "/proc/self/fd/\(stdout)", UInt32(IN_MODIFY))
        self.stderr = inotify_add_watch(queue.number, "/proc/self/fd/\(stderr)", UInt32(IN_MODIFY))
        guard self.stdout >= 0, self.stderr >= 0 else {
            Self.idle.put(queue)
            return nil
        }
    }

    /// Nil of a terminal, too, where there is nothing to be put in order.
    package init?(_ streams: ProgramStreams) {
        guard case .pipes(_, let stdout, let stderr) = streams else { return nil }
        self.init(stdout: stdout.number, stderr: stderr.number)
    }

    /// Lets go of the queue. Call it once both pipes have been closed, which ends their watches.
    func release() {
        Self.idle.put(queue)
    }

    /// The same while the pipes are still open.
    package func stop() {
        inotify_rm_watch(queue.number, stdout)
        inotify_rm_watch(queue.number, stderr)
        release()
    }

    /// Who has written since the last call, in turn. When the queue was too short for all of it, what came last is missing.
    package func turns() -> [OutputStream] {
        withUnsafeTemporaryAllocation(byteCount: Self.note * 256, alignment: 8) { buffer in
            var turns: [OutputStream] = []
            while true {
                let count = read(queue.number, buffer.baseAddress, buffer.count)
                guard count > 0 else { return turns }
                // The number of the watch comes first.
                for start in stride(from: 0, to: count, by: Self.note) {
                    let watch = buffer.loadUnaligned(fromByteOffset: start, as: Int32.self)
                    if watch == stdout { turns.append(.stdout) } else if watch == stderr { turns.append(.stderr) }
                }
                // It had no more.
                if count <= buffer.count - Self.note { return turns }
            }
        }
    }
}

/// Queues of writes that no run uses at the moment.
private final class WriteQueues: Sendable {
    /// So many are kept at most. A user may have 128 by default (fs.inotify.max_user_instances).
    private static let maximum = 64

    private let queues = Mutex<[SharedDescriptor]>([])

    func take() -> SharedDescriptor? {
        if let queue = queues.withLock({ $0.popLast() }) { return queue }
        let number = inotify_init1(O_NONBLOCK | O_CLOEXEC)
        return number < 0 ? nil : SharedDescriptor(OwnedDescriptor(owning: number))
    }

    func put(_ queue: SharedDescriptor) {
        let isKept = queues.withLock { queues in
            guard queues.count < Self.maximum else { return false }
            queues.append(queue)
            return true
        }
        guard !isKept else { return }
        // Without a thread it is closed right here.
        do { try DetachedThread.start { queue.close() } } catch { queue.close() }
    }
}

/// Puts what was read of two streams at the same time into the order in which it was written.
///
/// Exact when every line was a write of its own and each turn of a stream had as many of them: then the turns share the lines out
/// evenly. Otherwise which stream was first, and how often they took turns, is right, and the lines at the edge of a turn may not be.
package enum OutputOrder {
    package struct Piece: Equatable {
        package let stream: OutputStream
        package let range: Range<Int>
    }

    /// - Parameter turns: changed to those for which there were no bytes.
    package static func pieces(_ turns: inout [OutputStream], stdout: [UInt8], stderr: [UInt8]) -> [Piece] {
        var order: [OutputStream] = []
        for turn in turns where order.last != turn { order.append(turn) }
        // A stream without a note has its bytes all the same.
        for (stream, bytes) in [(OutputStream.stdout, stdout), (.stderr, stderr)] where !bytes.isEmpty {
            if !order.contains(stream) { order.append(stream) }
        }
        var shares = [
            OutputStream.stdout: shares(of: stdout, among: order.count { $0 == .stdout })[...],
            .stderr: shares(of: stderr, among: order.count { $0 == .stderr })[...],
        ]
        var pieces: [Piece] = []
        turns = []
        for stream in order {
            guard let range = shares[stream]?.popFirst(), !range.isEmpty else {
                turns.append(stream)
                continue
            }
            if let last = pieces.last, last.stream == stream {
                pieces[pieces.count - 1] = Piece(stream: stream, range: last.range.lowerBound..<range.upperBound)
            } else {
                pieces.append(Piece(stream: stream, range: range))
            }
        }
        return pieces
    }

    /// As many ranges as there are turns, of whole lines each; the first ones where there are fewer lines.
    private static func shares(of bytes: [UInt8], among turns: Int) -> [Range<Int>] {
        guard turns > 1 else { return [0..<bytes.count] }
        var ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
        if ends.last != bytes.count { ends.append(bytes.count) }
        let count = min(turns, ends.count)
        var begin = 0
        return (1...count).map { turn in
            let end = ends[turn * ends.count / count - 1]
            defer { begin = end }
            return begin..<end
        }
    }
}
