package import HTTPTypes
internal import HummingbirdCore

extension Reply {
    /// Gives the answer its tag, and makes it 304 when the client has it already (RFC 9110, section 13).
    ///
    /// Two representations, compressed and not, have two tags; a client that has either one has the current content.
    ///
    /// - Parameters:
    ///   - tag: of the content as it is, a strong one without its quotes.
    ///   - headers: those of the request.
    package func tagged(_ tag: String, for headers: HTTPFields) -> Reply {
        var reply = self
        let tags = ["\"\(tag)\"", "\"\(tag)-gzip\""]
        reply.headers[.eTag] = tags[self.headers[.contentEncoding] == nil ? 0 : 1]
        if headers[values: .ifNoneMatch].contains(where: { Self.names($0, any: tags) }) {
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
