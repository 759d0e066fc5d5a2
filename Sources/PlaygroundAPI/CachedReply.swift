internal import Digests
internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import RunModel

/// Answers that clients may keep for a while, and then ask about by their tag (RFC 9111, RFC 9110 section 13).
enum CachedReply {
    /// Private, since a key may have been needed; a minute, since examples are read again while the service runs.
    private static let control = "private, max-age=60"

    /// A value as JSON, or 304 when the client has it.
    static func json(_ value: some Encodable, for request: RouteRequest) throws -> Reply {
        let bytes = try JSONText.encode(value)
        var reply = Reply.text(
            bytes, gzip: { bytes.count > 1024 ? Gzip.compress(bytes, level: 6) : nil }, type: "application/json",
            for: request.headers, kind: .api)
        let digest = Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: bytes).prefix(16))
        // Two representations have two tags; a client that has either one has the current value.
        let tags = ["\"\(digest)\"", "\"\(digest)-gzip\""]
        reply.headers[.cacheControl] = control
        reply.headers[.eTag] = tags[reply.headers[.contentEncoding] == nil ? 0 : 1]
        if request.headers[values: .ifNoneMatch].contains(where: { names($0, any: tags) }) {
            reply.status = .notModified
            reply.body = ResponseBody()
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
