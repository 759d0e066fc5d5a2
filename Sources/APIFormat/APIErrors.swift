package import HTTPInterface
internal import HTTPTypes
package import Logging
package import RunModel
package import ServerTransport

/// Errors in the format of this service's APIs: `{"error": {"code", "message", "retryable", "details"}}`.
package struct APIErrors: ErrorRenderer {
    private let logger: Logger

    /// - Parameter logger: receives unexpected errors.
    package init(logger: Logger) {
        self.logger = logger
    }

    package func reply(to error: any Error) -> Reply {
        switch error {
        case let error as APIError: return .error(error)
        case let error as InterfaceError: return .error(APIError(error))
        default:
            logger.error("unexpected error", metadata: ["error": "\(error)"])
            return .error(APIError(.internalError, "an internal error; it has been logged", retryable: true))
        }
    }

    /// The body of the answer to an invalid HTTP request: an error in the usual format, with the status of the refusal.
    package func body(of refusal: HTTPRefusal) -> (type: String, body: [UInt8]) {
        let error = APIError(
            refusal.status == 413 ? .bodyTooLarge : .invalidRequest, refusal.reason, retryable: refusal.status == 408)
        guard let bytes = try? JSONText.encode(APIErrorBody(error)) else {
            return ("text/plain; charset=utf-8", Array("\(refusal.reason)\n".utf8))
        }
        return ("application/json", bytes)
    }
}

extension APIError {
    /// Translates errors of the HTTP interface into errors of this API.
    package init(_ error: InterfaceError) {
        switch error {
        case .hostNotAllowed:
            self.init(.hostNotAllowed, "this service does not answer to this host name; see allowed_hosts")
        case .originNotAllowed(let use):
            let what = use == .api ? "use the API" : "open sockets"
            self.init(
                .originNotAllowed, "pages of this origin may not \(what); see \(use.setting)",
                details: ["header.Origin": "one that the setting \(use.setting) lists"])
        // Callers without permission do not learn that the route exists.
        case .notFound, .forbidden: self.init(.notFound, "there is nothing here")
        case .methodNotAllowed(let names):
            self.init(.methodNotAllowed, "allowed here: \(names.joined(separator: ", "))")
        case .brokenQuery: self.init(.invalidRequest, "the query is invalid, or repeats a name")
        case .unknownParameter(let name, let known):
            self.init(
                .invalidRequest, "unknown query parameter \"\(name.prefix(64))\"",
                details: ["query.\(name.prefix(64))": known.isEmpty ? "no parameters" : known.joined(separator: ", ")])
        case .invalidParameter(let name, let found, let allowed):
            self.init(
                .invalidRequest, "query parameter \(name): found \"\(found.prefix(64))\"",
                details: ["query.\(name)": allowed])
        case .unauthenticated:
            self.init(.unauthenticated, "an API key is needed: Authorization: Bearer nbx_…")
        case .rateLimited: self.init(.rateLimited, "too many requests", retryable: true)
        case .unsupportedMediaType(let reason):
            self.init(.unsupportedMediaType, "\(reason); send application/json in UTF-8, not compressed")
        case .bodyTooLarge(let limit):
            self.init(
                .bodyTooLarge, "the body is larger than \(limit) bytes", details: ["limit": String(limit)])
        case .noMemory:
            self.init(.overloaded, "there is no memory for another body at this moment", retryable: true)
        case .bodyCutOff: self.init(.invalidRequest, "the body was cut off")
        case .upgradeRequired(let subprotocols):
            let names = subprotocols.isEmpty ? "none" : subprotocols.joined(separator: " or ")
            self.init(.upgradeRequired, "a WebSocket upgrade is needed here: version 13, subprotocol \(names)")
        }
    }
}
