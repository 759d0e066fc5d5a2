package import LinuxSystem
internal import Synchronization

/// An open descriptor inside values that can be copied; closed when somebody says so, or with the last copy.
///
/// Close it on the thread that uses it: a number that is in a system call must not be closed by another one.
package final class HeldDescriptor: Sendable {
    private let held: Mutex<OwnedDescriptor?>

    package init(_ descriptor: consuming sending OwnedDescriptor) {
        held = Mutex(descriptor)
    }

    /// For calls that borrow the descriptor; -1 once it is closed.
    package var number: Int32 {
        held.withLock { descriptor in
            switch descriptor {
            case .some(let owned): owned.number
            case .none: -1
            }
        }
    }

    package func close() {
        held.withLock { $0 = nil }
    }
}

/// The ends of a program's stdio that are on this side.
package enum ProgramStreams: Sendable {
    case pipes(stdin: HeldDescriptor, stdout: HeldDescriptor, stderr: HeldDescriptor)
    case terminal(HeldDescriptor)
}
