internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec

/// Sandboxes that do not end: a task that waits in the kernel, or is frozen, does not hear SIGKILL. Their runs end all the same,
/// and what they hold (ids, cgroup, number) stays out of use until the kernel lets go of it.
extension Warden {
    /// How often the cgroup of one that has ended at last is tried.
    private static let retryInterval: Int64 = 1_000_000_000

    /// A sandbox that was killed has had its time.
    func giveUp(_ sandbox: Sandbox) {
        drain(sandbox)
        account(sandbox)
        // What came after is no time of the program's.
        if let start = sandbox.startedAt, let end = sandbox.killedAt {
            sandbox.evidence.usage.wall = min(sandbox.evidence.usage.wall, max(0, end - start))
        }
        checkCollection(sandbox)
        let left = sandbox.leaf.describeProcesses()
        if sandbox.evidence.failure == nil, sandbox.evidence.status == nil {
            sandbox.evidence.failure = StageFailure(stage: "kill", errno: ETIMEDOUT, object: left)
        }
        putIntoQuarantine(sandbox, "it does not end in spite of SIGKILL: \(left)")
    }

    /// Tells the client that the sandbox is over, and keeps what it holds.
    func putIntoQuarantine(_ sandbox: Sandbox, _ reason: String) {
        WardenCommand.complain("sandbox \(sandbox.id) is put into quarantine, \(reason)")
        sandbox.phase = .quarantined(retry: monotonicNow() + Self.retryInterval)
        quarantine.append(sandbox)
        forgetWords(of: sandbox)
        release(sandbox)
    }

    /// Lets go of those that the kernel has let go of.
    func lookAtQuarantine(at now: Int64) {
        quarantine.removeAll { sandbox in
            guard case .quarantined(let retry) = sandbox.phase, retry <= now else { return false }
            sandbox.phase = .quarantined(retry: now + Self.retryInterval)
            // Born, and not yet gone: the poller says so.
            guard sandbox.tokens.process == nil, !isAwaited(sandbox) else { return false }
            do throws(SystemCallError) {
                try sandbox.leaf.kill()
                guard try sandbox.leaf.remove() else { return false }
            } catch {
                return false
            }
            forgetAll(of: sandbox)
            ids.giveBack(sandbox.hostID)
            slots.giveBack(sandbox.slot)
            WardenCommand.complain("sandbox \(sandbox.id) has ended at last")
            return true
        }
    }

    /// Whether its zygote may still announce it.
    private func isAwaited(_ sandbox: Sandbox) -> Bool {
        sandbox.zygote.waiting.contains { $0 === sandbox }
    }

    // MARK: - Children of the warden

    /// Reaps a child that has been killed, now or when it has ended: the loop must not wait for what may be stuck.
    func reapLater(_ pid: Int32) {
        if !hasEnded(child: pid) { unreaped.append((pid, monotonicNow())) }
    }

    var reapDeadline: Int64? {
        guard let newest = unreaped.last else { return nil }
        let now = monotonicNow()
        return now + (now - newest.since < Self.retryInterval ? 2_000_000 : Self.retryInterval)
    }

    func reapChildren(at now: Int64) {
        unreaped.removeAll { hasEnded(child: $0.pid) }
    }
}
