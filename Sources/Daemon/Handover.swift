internal import Synchronization
internal import UnixSignals

/// Whether others hold the listening sockets too, so that this service leaves them its clients when it ends: it accepts nothing more,
/// instead of refusing what comes while it drains.
final class Handover: Sendable {
    private let isShared: Atomic<Bool>

    /// - Parameter isShared: whether the sockets came from others.
    init(isShared: Bool) {
        self.isShared = Atomic(isShared)
    }

    var happens: Bool { isShared.load(ordering: .acquiring) }

    /// A signal that stops the service. SIGUSR2 comes from one that has taken the sockets.
    func note(_ signal: UnixSignal) {
        if signal == .sigusr2 { isShared.store(true, ordering: .releasing) }
    }
}
