internal import Glibc
package import LinuxSystem

/// This side's ends of a program's standard streams.
///
/// The write end of stdin fails with EPIPE once the program is gone; reads end with end of file, on a terminal
/// with EIO. An end is closed explicitly, or with the last copy.
package enum ProgramStreams: Sendable {
    case pipes(stdin: SharedDescriptor, stdout: SharedDescriptor, stderr: SharedDescriptor)
    case terminal(SharedDescriptor)

    /// Makes calls on all ends return instead of waiting. Costs little where it has been done already.
    package func setNonblocking() {
        for descriptor in descriptors { descriptor.setNonblocking() }
    }

    private var descriptors: [SharedDescriptor] {
        switch self {
        case .pipes(let stdin, let stdout, let stderr): [stdin, stdout, stderr]
        case .terminal(let terminal): [terminal]
        }
    }

    /// Closes all ends. On the thread that uses them: a descriptor in a system call must not be closed by another one.
    package func close() {
        for descriptor in descriptors { descriptor.close() }
    }
}

extension SharedDescriptor {
    /// Makes calls on a descriptor that is ours alone return instead of waiting.
    func setNonblocking() {
        let flags = fcntl(number, F_GETFL)
        if flags >= 0, flags & O_NONBLOCK == 0 { _ = fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    }
}
