internal import HTTPTypes
internal import HummingbirdCore
internal import RunModel

/// The page, its parts, and the contract.
struct PageRoutes: Sendable {
    let services: GatewayServices

    func file(_ request: GatewayRequest, _ path: String) throws -> Reply {
        guard let file = services.assets[path] else { throw APIError(.notFound, "there is nothing here") }
        return reply(request, file)
    }

    func contract(_ request: GatewayRequest) throws -> Reply {
        reply(request, try services.assets.contract())
    }

    private func reply(_ request: GatewayRequest, _ file: Assets.File) -> Reply {
        var reply = Reply.bytes(file.bytes, type: file.type, kind: .page)
        reply.headers[.cacheControl] = "no-cache"
        reply.headers[.eTag] = file.etag
        if request.request.headers[.ifNoneMatch] == file.etag {
            reply.status = .notModified
            reply.body = .init()
            reply.headers[.contentType] = nil
        }
        return reply
    }
}
