internal import HTTPTypes
internal import HummingbirdCore
package import ServerTransport

/// The common parts of responses.
extension HTTPRouter {
    /// What the listener sends to a client when it cannot read a request.
    package func body(of refusal: HTTPRefusal) -> (type: String, body: [UInt8]) {
        table.rootErrors.body(of: refusal)
    }

    /// The response to an error: in the format of the API, with the headers that HTTP requires.
    static func reply(to error: any Error, _ errors: any ErrorRenderer) -> Reply {
        let error: any Error = error is HTTPBodyCutOff ? InterfaceError.bodyCutOff : error
        var reply = errors.reply(to: error)
        switch error as? InterfaceError {
        case .methodNotAllowed(let names): reply.headers[.allow] = names.joined(separator: ", ")
        case .rateLimited(let rate?):
            reply.headers[.retryAfter] = String(rate.retryAfterSeconds)
            add(rate, to: &reply)
        case .upgradeRequired:
            reply.headers[.upgrade] = "websocket"
            reply.headers[.secWebSocketVersionAnswer] = "13"
        default: break
        }
        return reply
    }

    static func add(_ decision: RateDecision, to reply: inout Reply) {
        reply.headers[.rateLimitLimit] = String(decision.limit)
        reply.headers[.rateLimitRemaining] = String(decision.remaining)
        reply.headers[.rateLimitReset] = String(decision.resetSeconds)
    }

    /// The response to HEAD: with the length that GET would have, if that does not change between requests.
    static func bodiless(_ reply: Reply) -> ResponseBody {
        ResponseBody(contentLength: reply.isLive ? nil : reply.body.contentLength) { try await $0.finish(nil) }
    }

    // Parsed once: every response carries them.
    private static let apiFields = fields(SecurityHeaders.api)
    private static let artifactFields = fields(SecurityHeaders.artifact)
    private static let tlsFields = fields(SecurityHeaders.tls)

    static func fields(_ pairs: [(String, String)]) -> [HTTPField] {
        pairs.compactMap { name, value in HTTPField.Name(name).map { HTTPField(name: $0, value: value) } }
    }

    /// Adds the headers of every response.
    func finish(_ reply: inout Reply, _ request: Request) {
        let common =
            switch reply.kind {
            case .api: Self.apiFields
            case .page: pageFields
            case .artifact: Self.artifactFields
            }
        reply.headers.append(contentsOf: common)
        if settings.isTLS { reply.headers.append(contentsOf: Self.tlsFields) }
        // Also without an origin: caches must not give the response for a foreign page to a page of this service, or vice versa.
        let origin = request.headers[.origin] ?? ""
        if !origin.isEmpty, !origins.policy.allowsCORS(origin),
            !origins.policy.allowsWebSocket(origin: origin, host: request.head.authority, isTLS: settings.isTLS)
        {
            origins.logRefused(origin: origin, .api)
        }
        for (name, value) in origins.policy.corsHeaders(origin: origin, isPreflight: request.method == .options) {
            guard let name = HTTPField.Name(name) else { continue }
            if name == .vary {
                reply.headers.append(HTTPField(name: name, value: value))
            } else {
                reply.headers[name] = value
            }
        }
    }
}
