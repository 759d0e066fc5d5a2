package import LinuxSystem

/// The ends of a program's stdio that are on this side.
package enum ProgramStreams: Sendable {
    case pipes(stdin: SharedDescriptor, stdout: SharedDescriptor, stderr: SharedDescriptor)
    case terminal(SharedDescriptor)
}
