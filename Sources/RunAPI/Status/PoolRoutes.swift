internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import SandboxPool
internal import SandboxSpec
internal import SandboxSupply

/// The pools of sandboxes.
struct PoolRoutes: Sendable {
    let services: RunAPIServices

    func pools(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        return try .json(["pools": services.pools.reports().map(PoolReport.init)])
    }
}

extension PoolReport {
    init(_ report: PooledSandboxes.Report) {
        let description = report.description
        let status = report.status
        self.init(
            image: description.image, policy: description.policy, step: description.step,
            warming: report.isWarming,
            warm: WarmStart(parked: description.spec.preparation), minimum: status.size.minimum,
            maximum: status.size.maximum, target: status.target, parked: status.parked, building: status.building,
            leased: status.leased, hits: status.hits, misses: status.misses, evicted: status.evicted,
            failed: status.failed, requestsPerSecond: (status.rate * 100).rounded() / 100,
            buildMilliseconds: (Double(status.buildTime) / 10_000).rounded() / 100, lastError: status.lastError)
    }
}
