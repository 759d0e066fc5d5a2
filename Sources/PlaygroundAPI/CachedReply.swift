internal import Digests
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel

/// Answers that clients may keep for a while, and then ask about by their tag (RFC 9111).
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
        reply.headers[.cacheControl] = control
        return reply.tagged(digest, for: request.headers)
    }
}
