internal import FairQueue
internal import RunModel
internal import Tenants

extension QueuePlace {
    /// What the client of a waiting run is told.
    var event: RunEvent.Kind {
        .queued(position: position, wait: wait.map { (Double($0) / 1e8).rounded() / 10 })
    }
}

extension RunRecord {
    /// Seconds of processor time that its steps have used, as far as is known.
    var cpuSeconds: Double { max(outcome?.usage.cpuMilliseconds ?? 0, sample?.cpuMilliseconds ?? 0) / 1000 }

    /// What a finished run has used of its tenant's day, besides being one.
    var used: TenantUsage.Counters {
        let network = outcome?.network
        let bytes = outputBytes + (network?.bytesIn ?? 0) + (network?.bytesOut ?? 0)
        return TenantUsage.Counters(cpu: cpuSeconds * 1000, bytes: bytes)
    }
}
