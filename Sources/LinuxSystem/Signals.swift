internal import CLinux

/// SIGTERM, SIGINT and SIGHUP as a readable descriptor (signalfd).
package struct TerminationSignals: ~Copyable {
    package let descriptor: OwnedDescriptor

    /// Blocks the signals for the calling thread and makes them readable here.
    package init() throws(SystemCallError) {
        descriptor = OwnedDescriptor(owning: try check(nestbox_termination_signals(), "signalfd"))
    }
}

/// Makes writes to closed pipes and sockets fail with EPIPE instead of ending the process.
package func ignoreBrokenPipes() {
    nestbox_ignore_broken_pipes()
}

/// Has the kernel kill this process when its parent thread ends. ESRCH when `parent` already has.
package func dieWithParent(_ parent: Int32) throws(SystemCallError) {
    try check(nestbox_die_with_parent(parent), "prctl(PR_SET_PDEATHSIG)")
}

/// A process that cannot be mistaken for another (pidfd_open(2)).
package enum PidDescriptor {
    package static func open(_ pid: Int32) throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(owning: try check(nestbox_pidfd_open(pid), "pidfd_open", "\(pid)"))
    }

    /// Sends a signal; 0 only asks whether the process still exists. A process that is gone is ESRCH.
    package static func signal(_ process: Int32, _ signal: Int32) throws(SystemCallError) {
        try check(nestbox_pidfd_send_signal(process, signal), "pidfd_send_signal")
    }
}
