internal import HTTPInterface
internal import HTTPTypes
internal import RunModel

/// The page, its parts, and the contract.
struct PageRoutes: Sendable {
    let services: RunAPIServices

    func file(_ request: RouteRequest, _ path: String) throws -> Reply {
        guard let (file, isPermanent) = services.assets.file(path) else {
            throw APIError(.notFound, "there is nothing here")
        }
        return reply(request, file, isPermanent: isPermanent)
    }

    func contract(_ request: RouteRequest) throws -> Reply {
        reply(request, try services.assets.contract(), isPermanent: false)
    }

    private func reply(_ request: RouteRequest, _ file: Assets.File, isPermanent: Bool) -> Reply {
        var reply = Reply.text(
            file.bytes, gzip: { file.gzip }, type: file.type, for: request.headers, kind: .page)
        reply.headers[.cacheControl] = isPermanent ? "public, max-age=31536000, immutable" : "no-cache"
        return reply.tagged(file.tag, for: request.headers)
    }
}
