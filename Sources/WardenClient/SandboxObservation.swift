package import LinuxSystem

/// What it takes to answer the calls of an observed sandbox. Calls wait until they are answered; when the listener is closed, they
/// return ENOSYS.
package struct SandboxObservation: Sendable {
    /// Where calls come in and are answered (seccomp_unotify(2)).
    package let listener: SharedDescriptor
    /// A sealed memfd of the filter that the sandbox would have if it were not observed: what it answers is right.
    package let filter: SharedDescriptor

    package init(listener: SharedDescriptor, filter: SharedDescriptor) {
        self.listener = listener
        self.filter = filter
    }
}
