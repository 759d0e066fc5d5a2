internal import HTTPTypes
internal import Logging

/// Checks the origins of requests, and logs refused ones.
struct OriginCheck: Sendable {
    let policy: OriginPolicy
    let isTLS: Bool
    private let logger: Logger
    private let refused = RefusedOrigins()

    init(_ policy: OriginPolicy, isTLS: Bool, logger: Logger) {
        self.policy = policy
        self.isTLS = isTLS
        self.logger = logger
    }

    /// Whether a socket may be opened: by a client other than a browser, or by a page of one allowed origin.
    func allowsSocket(_ headers: HTTPFields, host: String?) -> Bool {
        let origins = headers[values: .origin]
        guard origins.count <= 1 else { return false }
        return policy.allowsWebSocket(origin: origins.first, host: host, isTLS: isTLS)
    }

    /// Browsers do not give a page the reason of a refusal, so the log has it.
    func logRefused(origin: String, _ use: OriginUse) {
        guard refused.isNew("\(use.setting) \(origin)") else { return }
        logger.notice("origin refused", metadata: ["origin": "\(origin.prefix(256))", "setting": "\(use.setting)"])
    }
}
