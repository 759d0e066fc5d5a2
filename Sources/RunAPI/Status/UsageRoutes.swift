internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import RunService

/// What the caller's tenant may use, and has used today.
struct UsageRoutes: Sendable {
    let services: RunAPIServices

    func usage(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        return try .json(services.runs.tenantReport(of: request.caller.owner))
    }
}
