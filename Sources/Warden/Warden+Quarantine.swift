internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec

/// Sandboxes that do not end: a task that waits in the kernel, or is frozen, does not act on SIGKILL. Their runs end all the same,
/// and what they hold (ids, cgroup, number) stays out of use until the kernel lets go of it.
extension Warden {
    /// A sandbox that was killed has had its time.
    func giveUp(_ sandbox: Sandbox) {
        drain(sandbox)
        let measurement = measure(sandbox)
        handle(.killTimedOut(measurement, processes: sandbox.leaf.describeProcesses()), of: sandbox)
    }

    /// Keeps what a sandbox holds, which is over for its client.
    func quarantine(_ sandbox: Sandbox, _ reason: String) {
        WardenCommand.logError("sandbox \(sandbox.id) is put into quarantine, \(reason)")
        quarantine.append(sandbox)
        closeStreams(of: sandbox)
    }

    /// Looks at those whose time it is.
    func lookAtQuarantine(at now: Int64) {
        // A copy: one that is released is taken off the list.
        for sandbox in Array(quarantine) { handle(.deadlinePassed, of: sandbox, at: now) }
    }

    /// Releases a sandbox that the kernel has let go of.
    func tryRelease(_ sandbox: Sandbox) {
        // Born, and not yet gone: the poller says so.
        guard sandbox.tokens.process == nil, !isAwaited(sandbox) else { return }
        do throws(SystemCallError) {
            try sandbox.leaf.kill()
            guard try sandbox.leaf.remove() else { return }
        } catch {
            return
        }
        quarantine.removeAll { $0 === sandbox }
        closeAll(of: sandbox)
        returnResources(sandbox)
        WardenCommand.logError("sandbox \(sandbox.id) has ended at last")
    }

    /// Whether its zygote may still announce it.
    private func isAwaited(_ sandbox: Sandbox) -> Bool {
        sandbox.zygote.waiting.contains { $0 === sandbox }
    }
}
