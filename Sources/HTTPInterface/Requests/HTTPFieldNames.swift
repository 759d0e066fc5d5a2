internal import HTTPTypes

extension HTTPField.Name {
    // SAFETY of the force: all are tokens of RFC 9110; `??` never takes its right side.
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For") ?? .from
    static let xAPIKey = HTTPField.Name("X-API-Key") ?? .from
    static let rateLimitLimit = HTTPField.Name("RateLimit-Limit") ?? .from
    static let rateLimitRemaining = HTTPField.Name("RateLimit-Remaining") ?? .from
    static let rateLimitReset = HTTPField.Name("RateLimit-Reset") ?? .from
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    static let traceparent = HTTPField.Name("traceparent") ?? .from
    static let tracestate = HTTPField.Name("tracestate") ?? .from
    static let secWebSocketVersionAnswer = HTTPField.Name("Sec-WebSocket-Version") ?? .from
}
