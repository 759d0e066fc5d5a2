/// What this side refuses by itself, before a handler or for one. Each API puts it into the words and the shape of its
/// own errors (`ErrorRenderer`).
package enum InterfaceError: Error, Sendable, Equatable {
    /// 421: the service is not called that.
    case hostNotAllowed
    /// 403: pages of this origin may not do that.
    case originNotAllowed(OriginUse)
    /// 404
    case notFound
    /// 405: the path is there, with these methods, sorted.
    case methodNotAllowed([String])
    /// 400: broken, or with a name twice.
    case brokenQuery
    /// 400: a parameter that no route knows; those that this one does, sorted.
    case unknownParameter(String, known: [String])
    /// 400: a value of a parameter that is not allowed, and what is.
    case invalidParameter(String, found: String, allowed: String)
    /// 401: the key is missing, unknown, expired or revoked.
    case unauthenticated
    /// 403: the key is not that of an administrator.
    case forbidden
    /// 429; nil when too many wrong keys came from an address.
    case rateLimited(RateDecision?)
    /// 415: what is wrong with the type of the body.
    case unsupportedMediaType(String)
    /// 413: larger than so many bytes.
    case bodyTooLarge(Int)
    /// 503: no memory for another body now.
    case noMemory
    /// 400: the body ended before its end. Nobody reads the answer: the client has gone, or has been answered.
    case bodyCutOff
    /// 426: a WebSocket upgrade is needed here, with one of these subprotocols.
    case upgradeRequired([String])
}

/// What a page of another origin may want.
package enum OriginUse: String, Sendable, Equatable {
    /// Read answers.
    case api
    case webSocket

    /// The setting that has to list the origin.
    package var setting: String {
        switch self {
        case .api: "cors_origins"
        case .webSocket: "websocket_origins"
        }
    }
}
