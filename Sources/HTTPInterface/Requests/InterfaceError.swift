/// Errors of the HTTP interface itself, before a handler or on its behalf. Each API translates them into its
/// own errors (`ErrorRenderer`).
package enum InterfaceError: Error, Sendable, Equatable {
    /// 421: the service does not answer to this host name.
    case hostNotAllowed
    /// 403: pages of this origin may not do that.
    case originNotAllowed(OriginUse)
    /// 404
    case notFound
    /// 405: the path exists, with these methods, sorted.
    case methodNotAllowed([String])
    /// 400: invalid, or with a repeated name.
    case brokenQuery
    /// 400: an unknown parameter; the parameters of this route, sorted.
    case unknownParameter(String, known: [String])
    /// 400: a value that a parameter may not have, and the allowed values.
    case invalidParameter(String, found: String, allowed: String)
    /// 401: the key is missing, unknown, expired or revoked.
    case unauthenticated
    /// 403: the key is not that of an administrator.
    case forbidden
    /// 429; nil when too many wrong keys came from an address.
    case rateLimited(RateDecision?)
    /// 415: the error in the type of the body.
    case unsupportedMediaType(String)
    /// 413: larger than so many bytes.
    case bodyTooLarge(Int)
    /// 503: no memory for another body now.
    case noMemory
    /// 400: the body is incomplete. No client reads this response: it has gone, or has been answered.
    case bodyCutOff
    /// 426: a WebSocket upgrade is needed here, with one of these subprotocols.
    case upgradeRequired([String])
}

/// The uses that a page of another origin may need permission for.
package enum OriginUse: String, Sendable, Equatable {
    /// Reading responses.
    case api
    case webSocket

    /// The setting that must list the origin.
    package var setting: String {
        switch self {
        case .api: "cors_origins"
        case .webSocket: "websocket_origins"
        }
    }
}
