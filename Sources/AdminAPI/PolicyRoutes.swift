internal import APIFormat
internal import HTTPInterface
internal import RuleGenerations

/// Generations of policies and images: how reloading stands, and to have it done.
struct PolicyRoutes: Sendable {
    let services: AdminAPIServices

    private struct Shown: Encodable {
        let status: ReloadStatus
        /// The generations that are kept, the newest first.
        let kept: [Int64]
    }

    func show(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        return try .json(
            Shown(status: services.reloader.status, kept: services.reloader.keptGenerations.reversed()))
    }

    /// Waits for the attempt, which may take seconds.
    func reload(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        // Without a body: a foreign page could send this unseen.
        try request.refuseForeignPages()
        return try .json(await services.reloader.reload("request"))
    }
}
