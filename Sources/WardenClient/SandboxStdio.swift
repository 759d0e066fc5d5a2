package import LinuxSystem

/// This side's ends of a program's standard streams.
///
/// The write end of stdin raises SIGPIPE or EPIPE once the program is gone; reads end with end of file, on a terminal
/// with EIO.
package enum SandboxStdio: ~Copyable, Sendable {
    case pipes(stdin: OwnedDescriptor, stdout: OwnedDescriptor, stderr: OwnedDescriptor)
    case terminal(OwnedDescriptor)
}
