internal import EgressRules

/// Why a program was not connected, or is no longer.
package enum EgressRefusal: String, Error, Sendable, CaseIterable {
    /// No rule allows the host and port.
    case policy
    /// None of its addresses is public, or excepted.
    case address
    /// Its name could not be resolved.
    case name
    /// The name inside TLS is not the one that was asked for.
    case sni
    /// No address answered.
    case unreachable
    /// More at a time than the policy gives.
    case connections
    /// More bytes than the policy gives.
    case bytes
    /// More than the service can do at the moment.
    case busy
    /// The client or the server has said nothing for too long.
    case timeout
    /// Neither HTTP nor SOCKS5, or wrong in itself.
    case `protocol`

    /// The status of the answer to a request in HTTP.
    var status: String {
        switch self {
        case .policy, .address, .sni, .bytes: "403 Forbidden"
        case .connections, .busy: "503 Service Unavailable"
        case .name, .unreachable: "502 Bad Gateway"
        case .timeout: "504 Gateway Timeout"
        case .protocol: "400 Bad Request"
        }
    }

    /// The answer to a request in SOCKS5 (RFC 1928, section 6).
    var socksReply: UInt8 {
        switch self {
        case .policy, .address, .sni, .bytes: 2
        case .name, .timeout: 4
        case .unreachable: 5
        case .connections, .busy: 1
        case .protocol: 7
        }
    }

    /// A sentence for the program's user.
    func text(_ target: EgressTarget?, detail: String = "") -> String {
        let place = target.map { "\($0)" } ?? "this"
        return switch self {
        case .policy: "\(place) is not among the hosts that the policy of this run allows"
        case .address:
            "\(place) has no public address\(detail.isEmpty ? "" : " (\(detail))"), and the policy makes no exception for it"
        case .name: "the name of \(place) cannot be resolved"
        case .sni: "the name inside TLS is not that of \(place)"
        case .unreachable: "no address of \(place) answers"
        case .connections: "this run has as many connections as its policy allows"
        case .bytes: "this run has moved as many bytes as its policy allows"
        case .busy: "the service has as many connections as it can serve; try again later"
        case .timeout: "\(place) took too long"
        case .protocol: detail.isEmpty ? "this is no request that a proxy understands" : detail
        }
    }

    /// The whole answer in HTTP.
    func response(_ target: EgressTarget?, detail: String = "") -> [UInt8] {
        let body = "nestbox: \(text(target, detail: detail))\n"
        return Array(
            """
            HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n\
            Nestbox-Refused: \(rawValue)\r\nConnection: close\r\n\r\n\(body)
            """.utf8)
    }
}
