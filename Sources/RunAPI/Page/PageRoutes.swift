internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
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
        // Two representations have two tags; a browser that has either one has the current file.
        let isCompressed = reply.headers[.contentEncoding] != nil
        let tags = [file.etag, file.etag.dropLast() + "-gzip\""]
        reply.headers[.eTag] = tags[isCompressed ? 1 : 0]
        if request.headers[values: .ifNoneMatch].contains(where: { Self.names($0, any: tags) }) {
            reply.status = .notModified
            reply.body = .init()
            reply.headers[.contentType] = nil
            reply.headers[.contentEncoding] = nil
        }
        return reply
    }

    /// Whether a list of tags, weak or strong, contains one of these.
    private static func names(_ list: String, any tags: [String]) -> Bool {
        list.split(separator: ",").contains { entry in
            let tag = entry.filter { $0 != " " && $0 != "\t" }
            return tag == "*" || tags.contains(tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag)
        }
    }
}
