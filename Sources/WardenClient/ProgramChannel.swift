package import LinuxSystem

/// This side's ends of the two pipes by which a program is driven: it reads descriptor 100 and writes to 101. Calls on them
/// return instead of waiting.
///
/// What comes is foreign code's. Writing fails with EPIPE when no process of the program reads any more, reading ends
/// with end of file when none writes. An end is closed explicitly, or with the last copy.
package struct ProgramChannel: Sendable {
    /// Write end.
    package let commands: SharedDescriptor
    /// Read end.
    package let records: SharedDescriptor

    package init(commands: SharedDescriptor, records: SharedDescriptor) {
        self.commands = commands
        self.records = records
        for end in [commands, records] { end.setNonblocking() }
    }

    /// Closes both ends. On the thread that uses them: a descriptor in a system call must not be closed by another one.
    package func close() {
        commands.close()
        records.close()
    }
}
