internal import Glibc
internal import SandboxSpec

extension ArgumentRule {
    /// Which sockets are made, which of their options are read and set, and which flags a message has.
    ///
    /// What is refused answers as a kernel that lacks it. For options that is ENOPROTOOPT: http.client, the JDK, libuv and
    /// glibc go on after it, where EPERM is an exception (java.nio) or taken for "supported" (the JDK's probes).
    static func socketRules(loopback: Bool) -> [String: ArgumentRule] {
        let made = sockets(loopback: loopback)
        let withoutUrgent = FilterAction.errno(EOPNOTSUPP)
        return [
            "socket": made,
            "socketpair": made,
            "setsockopt": options(SocketOptions.set, loopback: loopback),
            "getsockopt": options(SocketOptions.read, loopback: loopback),
            // MSG_OOB: urgent data. Nothing uses it on local sockets, where it has been a way into the kernel
            // (CVE-2025-38236); a filter does not see which socket a descriptor is.
            "sendto": only(3, .without(1), otherwise: withoutUrgent),
            "sendmsg": only(2, .without(1), otherwise: withoutUrgent),
            "sendmmsg": only(3, .without(1), otherwise: withoutUrgent),
            "recvfrom": only(3, .without(1), otherwise: withoutUrgent),
            "recvmsg": only(2, .without(1), otherwise: withoutUrgent),
            "recvmmsg": only(3, .without(1), otherwise: withoutUrgent),
        ]
    }

    private static func sockets(loopback: Bool) -> ArgumentRule {
        var lines: [Line] = [.allow(0, .oneOf([1]))]  // AF_UNIX
        if loopback {
            let internet = Condition.argument(0, .oneOf([2, 10]))  // AF_INET, AF_INET6
            let ordinary = Condition.argument(1, .masked(0xf, oneOf: [1, 2]))  // SOCK_STREAM, SOCK_DGRAM
            // Streams by default or TCP, datagrams by default or UDP. For every other pair (SCTP, DCCP, MPTCP, UDP streams) the
            // kernel would start modprobe as root, twice for each call.
            lines.append(.allow(internet, .argument(1, .masked(0xf, oneOf: [1])), .argument(2, .oneOf([0, 6]))))
            lines.append(.allow(internet, .argument(1, .masked(0xf, oneOf: [2])), .argument(2, .oneOf([0, 17]))))
            lines.append(Line(conditions: [internet, ordinary], answer: .errno(EPROTONOSUPPORT)))
            lines.append(Line(conditions: [internet], answer: .errno(EPERM)))
        }
        return ArgumentRule(lines: lines, otherwise: .errno(EAFNOSUPPORT))
    }

    private static func options(_ table: [SocketOptions], loopback: Bool) -> ArgumentRule {
        let lines = table.filter { loopback || $0.level == SocketOptions.socket }.map { entry in
            Line.allow(.argument(1, .oneOf([entry.level])), .argument(2, .oneOf(entry.allowed)))
        }
        return ArgumentRule(lines: lines, otherwise: .errno(ENOPROTOOPT))
    }
}

/// The options of one level that programs may use. `Tests/ContainmentTests/Golden/arguments.txt` says who needs each.
struct SocketOptions: Sendable {
    let level: UInt32
    let options: [UInt32]

    /// The options without those that no sandbox ever gets.
    var allowed: [UInt32] {
        options.filter { level != Self.socket || !NeverSyscalls.socketOptions.contains($0) }
    }

    static let socket: UInt32 = 1  // SOL_SOCKET
    private static let tcp: UInt32 = 6
    private static let ip: UInt32 = 0
    private static let ipv6: UInt32 = 41

    static let set = [
        SocketOptions(
            level: socket,
            options: [
                2, 9, 7, 8,  // SO_REUSEADDR SO_KEEPALIVE SO_SNDBUF SO_RCVBUF
                13, 20, 21,  // SO_LINGER SO_RCVTIMEO SO_SNDTIMEO
                6, 10, 15, 16,  // SO_BROADCAST SO_OOBINLINE SO_REUSEPORT SO_PASSCRED
            ]),
        SocketOptions(
            level: tcp,
            options: [
                1, 3,  // TCP_NODELAY TCP_CORK
                4, 5, 6,  // TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT
                12, 18,  // TCP_QUICKACK TCP_USER_TIMEOUT
            ]),
        SocketOptions(
            level: ip,
            options: [
                1, 2,  // IP_TOS IP_TTL
                11,  // IP_RECVERR
                33, 34, 49,  // IP_MULTICAST_TTL IP_MULTICAST_LOOP IP_MULTICAST_ALL
            ]),
        SocketOptions(
            level: ipv6,
            options: [
                26,  // IPV6_V6ONLY
                16, 67,  // IPV6_UNICAST_HOPS IPV6_TCLASS
                25,  // IPV6_RECVERR
                18, 19, 29,  // IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP IPV6_MULTICAST_ALL
            ]),
    ]

    /// Whatever may be set, and facts about the socket itself.
    static let read = set.map { entry in
        let facts: [UInt32] =
            switch entry.level {
            // SO_TYPE SO_ERROR SO_PEERCRED SO_ACCEPTCONN SO_PROTOCOL SO_DOMAIN
            case socket: [3, 4, 17, 30, 38, 39]
            case tcp: [2, 11]  // TCP_MAXSEG TCP_INFO
            default: []
            }
        return SocketOptions(level: entry.level, options: facts + entry.options)
    }
}
