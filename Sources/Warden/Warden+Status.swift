internal import LinuxSystem
internal import SandboxSpec

extension Warden {
    /// How many sandboxes there are, and how long the slowest change of one has taken so far.
    func status() -> WardenStatus {
        var status = WardenStatus()
        let now = monotonicNow()
        for sandbox in sandboxes.values {
            status.sandboxes += 1
            if sandbox.lifecycle.isParked { status.parked += 1 }
            if sandbox.isRunning { status.running += 1 }
            status.oldestChange = max(status.oldestChange, sandbox.lifecycle.changeAge(at: now) ?? 0)
        }
        status.quarantined = Int64(quarantine.count)
        status.sandboxes += status.quarantined
        return status
    }
}
