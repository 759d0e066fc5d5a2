internal import Orchestrator
internal import RunModel
internal import SandboxPool
internal import SandboxSpec

/// What is kept ready.
struct PoolRoutes: Sendable {
    let services: GatewayServices

    private struct Pool: Encodable {
        let image: String
        let policy: String
        let step: StepName
        let warm: String
        let minimum: Int
        let maximum: Int
        let target: Int
        let parked: Int
        let building: Int
        let leased: Int
        let hits: Int64
        let misses: Int64
        let evicted: Int64
        let failed: Int64
        let requestsPerSecond: Double
        let buildMilliseconds: Double
        let trouble: String?

        private enum CodingKeys: String, CodingKey {
            case image, policy, step, warm, minimum, maximum, target, parked, building, leased, hits, misses, evicted
            case failed, trouble
            case requestsPerSecond = "requests_per_second"
            case buildMilliseconds = "build_ms"
        }

        init(_ report: PooledSandboxes.Report) {
            let description = report.description
            let status = report.status
            image = description.image
            policy = description.policy
            step = description.step
            warm = Warmth(parked: description.spec.preparation).rawValue
            minimum = status.size.minimum
            maximum = status.size.maximum
            target = status.target
            parked = status.parked
            building = status.building
            leased = status.leased
            hits = status.hits
            misses = status.misses
            evicted = status.evicted
            failed = status.failed
            requestsPerSecond = (status.rate * 100).rounded() / 100
            buildMilliseconds = (Double(status.buildTime) / 10_000).rounded() / 100
            trouble = status.trouble
        }
    }

    func pools(_ request: GatewayRequest) throws -> Reply {
        try request.allowQuery([])
        return try .json(["pools": services.pools.reports().map(Pool.init)])
    }
}
