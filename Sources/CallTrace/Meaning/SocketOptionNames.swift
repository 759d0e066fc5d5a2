/// Options of sockets that programs ask for and do not get.
enum SocketOptionNames {
    static func name(of option: UInt64, level: UInt64) -> String? { table[level]?[option] }

    private static let table: [UInt64: ArgumentNames.Values] = [
        1: [
            1: "SO_DEBUG", 5: "SO_DONTROUTE", 12: "SO_PRIORITY", 25: "SO_BINDTODEVICE", 26: "SO_ATTACH_FILTER",
            27: "SO_DETACH_FILTER", 29: "SO_TIMESTAMP", 31: "SO_PEERSEC", 32: "SO_SNDBUFFORCE", 33: "SO_RCVBUFFORCE",
            34: "SO_PASSSEC", 35: "SO_TIMESTAMPNS", 36: "SO_MARK", 37: "SO_TIMESTAMPING", 44: "SO_LOCK_FILTER",
            46: "SO_BUSY_POLL", 47: "SO_MAX_PACING_RATE", 49: "SO_INCOMING_CPU", 50: "SO_ATTACH_BPF",
            51: "SO_ATTACH_REUSEPORT_CBPF", 52: "SO_ATTACH_REUSEPORT_EBPF", 60: "SO_ZEROCOPY", 77: "SO_PEERPIDFD",
        ],
        0: [
            3: "IP_HDRINCL", 8: "IP_PKTINFO", 10: "IP_MTU_DISCOVER", 14: "IP_MTU", 15: "IP_FREEBIND",
            19: "IP_TRANSPARENT",
            32: "IP_MULTICAST_IF", 35: "IP_ADD_MEMBERSHIP", 36: "IP_DROP_MEMBERSHIP", 50: "IP_UNICAST_IF",
        ],
        6: [
            1: "TCP_NODELAY", 2: "TCP_MAXSEG", 9: "TCP_DEFER_ACCEPT", 13: "TCP_CONGESTION", 14: "TCP_MD5SIG",
            19: "TCP_REPAIR", 23: "TCP_FASTOPEN", 30: "TCP_FASTOPEN_CONNECT", 31: "TCP_ULP", 35: "TCP_ZEROCOPY_RECEIVE",
        ],
        41: [
            17: "IPV6_MULTICAST_IF", 20: "IPV6_ADD_MEMBERSHIP", 23: "IPV6_MTU_DISCOVER", 26: "IPV6_V6ONLY",
            32: "IPV6_FLOWLABEL_MGR", 49: "IPV6_RECVPKTINFO", 75: "IPV6_TRANSPARENT",
        ],
    ]
}
