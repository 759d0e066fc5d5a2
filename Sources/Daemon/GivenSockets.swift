internal import Glibc
internal import LinuxSystem

/// Listening sockets that this process did not make: a service manager passed them on (sd_listen_fds(3)), or they are those of the service
/// that it replaces. Others hold them too, so no connection is refused while services change places.
struct GivenSockets: Sendable {
    /// Why they cannot be used.
    struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The first descriptor that a service manager passes on.
    private static let first: Int32 = 3
    static let maximum = 64

    private(set) var descriptors: [Int32] = []
    /// Where they listen, in the same order.
    private(set) var addresses: [ListenAddress] = []

    var isEmpty: Bool { descriptors.isEmpty }

    /// - Parameter descriptors: owned from now on.
    /// - Throws: for a descriptor that is no listening TCP socket; what it is, and what is allowed.
    init(_ descriptors: [Int32]) throws(Problem) {
        for number in descriptors {
            addresses.append(try Self.address(of: number))
            do throws(SystemCallError) { try closeOnExec(number) } catch { throw Problem(description: "\(error)") }
            self.descriptors.append(number)
        }
    }

    /// Those in `LISTEN_FDS`; none where that is not there, or meant for another process (`LISTEN_PID`).
    init(environment: [String: String], pid: Int32 = getpid()) throws(Problem) {
        guard let text = environment["LISTEN_FDS"], environment["LISTEN_PID"].flatMap({ Int32($0) }) == pid else {
            try self.init([])
            return
        }
        guard let count = Int32(text), (0...Int32(Self.maximum)).contains(count) else {
            throw Problem(description: "LISTEN_FDS: found \"\(text.prefix(40))\", allowed is 0 to \(Self.maximum)")
        }
        try self.init((0..<count).map { Self.first + $0 })
    }

    private static func address(of number: Int32) throws(Problem) -> ListenAddress {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(number, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
        }
        func problem(_ found: String) -> Problem {
            Problem(
                description:
                    "descriptor \(number), which was passed on: found \(found), allowed is a listening TCP socket")
        }
        guard let type = option(SO_TYPE) else { throw problem("no socket") }
        let domain = option(SO_DOMAIN)
        guard type == Int32(SOCK_STREAM.rawValue), domain == AF_INET || domain == AF_INET6 else {
            throw problem("another kind of socket")
        }
        guard option(SO_ACCEPTCONN) == 1 else { throw problem("a socket that does not listen") }
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let isNamed = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(number, address, &size) == 0
                    && getnameinfo(
                        address, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
                        Int32(NI_NUMERICHOST) | Int32(NI_NUMERICSERV)) == 0
            }
        }
        guard isNamed, let port = Int(text(port)) else { throw problem("a socket without an address") }
        return ListenAddress(host: text(host), port: port)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
