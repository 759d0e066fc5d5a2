internal import FairQueue
internal import RunModel

/// Whose turn a run takes.
extension RunService {
    static func tenant(of owner: RunOwner) -> String { owner == .anyone ? "anonymous" : "default" }

    func placement(of run: RunRecord.Identity, _ client: RunClient) -> QueueRequest {
        QueueRequest(
            tenant: run.tenant, client: client.description, isSharded: run.owner == .anyone, kind: run.policy)
    }
}

extension QueuePlace {
    /// What the client of a waiting run is told.
    var event: RunEvent.Kind {
        .queued(position: position, wait: wait.map { (Double($0) / 1e8).rounded() / 10 })
    }
}

extension RunRecord {
    /// Seconds of processor time that its steps have used, as far as is known.
    var cpuSeconds: Double { max(outcome?.usage.cpuMilliseconds ?? 0, sample?.cpuMilliseconds ?? 0) / 1000 }
}
