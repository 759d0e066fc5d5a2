package import LinuxSystem
internal import Synchronization

/// A warden's socket that was handed over at start; it can be used once.
package final class HandedSocket: Sendable {
    private let socket: Mutex<OwnedDescriptor?>

    package init(_ descriptor: consuming sending OwnedDescriptor) {
        socket = Mutex(descriptor)
    }

    func take() -> OwnedDescriptor? {
        socket.withLock { $0.take() }
    }
}
