package import LinuxSystem

/// This side's ends of a program's standard streams.
///
/// The write end of stdin raises SIGPIPE or EPIPE once the program is gone; reads end with end of file, on a terminal
/// with EIO. An end is closed explicitly, or with the last copy.
package enum ProgramStreams: Sendable {
    case pipes(stdin: SharedDescriptor, stdout: SharedDescriptor, stderr: SharedDescriptor)
    case terminal(SharedDescriptor)

    /// Closes all ends. On the thread that uses them: a descriptor in a system call must not be closed by another one.
    package func close() {
        switch self {
        case .pipes(let stdin, let stdout, let stderr):
            stdin.close()
            stdout.close()
            stderr.close()
        case .terminal(let terminal): terminal.close()
        }
    }
}
