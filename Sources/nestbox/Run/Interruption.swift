internal import Glibc
internal import LinuxSystem
internal import RunExecution
internal import Synchronization

/// Turns this process's signals into what they mean for its run: the first asks it to end, the second does not ask.
final class Interruption: Sendable {
    /// How long the run may take to end once it was asked to. The warden gives a sandbox five seconds, and itself eight.
    private static let gracePeriod: UInt32 = 20

    private let control: RunControl
    private let first = Mutex<Int32?>(nil)

    private let onCancel: @Sendable () -> Void

    /// - Parameter onCancel: called as well, for runs that are elsewhere.
    init(control: RunControl, onCancel: @escaping @Sendable () -> Void = {}) {
        self.control = control
        self.onCancel = onCancel
    }

    /// The signal that ended the run, if one did.
    var signal: Int32? { first.withLock { $0 } }

    /// Whatever is stuck, this process is not.
    private func endLater(_ status: Int32) {
        let isBegun =
            (try? DetachedThread.start {
                _ = sleep(Self.gracePeriod)
                RawTerminal.restore()
                Console.complain(
                    "the run has not ended \(Self.gracePeriod) s after it was asked to; what it left is ended by its warden"
                )
                Console.exit(status)
            }) != nil
        // Without a thread the second signal still ends this process immediately.
        if !isBegun { Console.complain("a second signal ends nestbox immediately") }
    }

    func watch(resizes: Bool) throws {
        // A terminal in raw mode has no Ctrl-C: that key is the program's.
        try Signals.watch([SIGINT, SIGTERM, SIGHUP] + (resizes ? [SIGWINCH] : [])) { [self] number in
            if number == SIGWINCH {
                if let size = RawTerminal.size { control.resize(size) }
                return
            }
            let isFirst = first.withLock { first in
                defer { first = first ?? number }
                return first == nil
            }
            // The warden sees our end and leaves nothing behind.
            if !isFirst { Console.exit(128 + number) }
            control.cancel()
            onCancel()
            endLater(128 + number)
        }
    }
}
