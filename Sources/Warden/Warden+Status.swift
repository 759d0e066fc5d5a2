internal import LinuxSystem
internal import SandboxSpec

extension Warden {
    /// How many sandboxes there are, and how long the slowest change of one has taken so far.
    func status() -> WardenStatus {
        var status = WardenStatus()
        let now = monotonicNow()
        for sandbox in sandboxes.values {
            status.sandboxes += 1
            switch sandbox.phase {
            case .parked: status.parked += 1
            case .running: status.running += 1
            // Each try to remove it begins the state again.
            case .removing(_, let since): status.oldestChange = max(status.oldestChange, now - since)
            case .forking, .preparing, .collecting, .ending, .quarantined:
                status.oldestChange = max(status.oldestChange, now - sandbox.since)
            }
        }
        status.quarantined = Int64(quarantine.count)
        status.sandboxes += status.quarantined
        return status
    }
}
