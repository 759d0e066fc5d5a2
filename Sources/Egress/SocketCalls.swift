internal import EgressRules
internal import Glibc
internal import LinuxSystem

/// Calls on sockets of the internet; none of them waits.
enum SocketCalls {
    enum Result: Equatable {
        case bytes(Int)
        case end
        case later
        case failed(Int32)
    }

    /// Takes the next client of a listener; nil when there is none now.
    ///
    /// - Throws: when nobody can come any more, or there is no room for a descriptor.
    static func accept(on listener: Int32) throws(SystemCallError) -> OwnedDescriptor? {
        while true {
            let number = Glibc.accept(listener, nil, nil)
            if number >= 0 {
                // Whatever is executed meanwhile has its other descriptors closed first.
                _ = fcntl(number, F_SETFD, FD_CLOEXEC)
                _ = fcntl(number, F_SETFL, O_NONBLOCK)
                setUp(number)
                return OwnedDescriptor(owning: number)
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return nil
            default: throw SystemCallError("accept", errno: errno)
            }
        }
    }

    /// Begins to connect.
    static func connect(to address: IPAddress, port: UInt16) throws(SystemCallError) -> OwnedDescriptor {
        let family = address.isV6 ? AF_INET6 : AF_INET
        let number = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw SystemCallError("socket", errno: errno) }
        let socket = OwnedDescriptor(owning: number)
        setUp(number)
        let result: Int32
        if address.isV6 {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
            result = withUnsafePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &place.sin_addr) { $0.copyBytes(from: address.bytes) }
            result = withUnsafePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard result == 0 || errno == EINPROGRESS else { throw SystemCallError("connect", errno: errno) }
        return socket
    }

    /// What became of a connection that was begun: 0, or an errno.
    static func outcome(of socket: Int32) -> Int32 {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
    }

    static func read(_ socket: Int32, most: Int, into buffer: inout [UInt8]) -> Result {
        var scratch = [UInt8](repeating: 0, count: most)
        let count = recv(socket, &scratch, most, 0)
        if count > 0 {
            buffer += scratch[..<count]
            return .bytes(count)
        }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .later : .failed(errno)
    }

    static func write(_ socket: Int32, _ bytes: ArraySlice<UInt8>) -> Result {
        let count = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .later : .failed(errno)
    }

    static func endWriting(_ socket: Int32) { _ = shutdown(socket, Int32(SHUT_WR)) }

    /// Small messages go at once; the kernel keeps no more than so many bytes of one connection.
    private static func setUp(_ socket: Int32) {
        var one: Int32 = 1
        var bytes: Int32 = 131_072
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
        setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &one, size)
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, size)
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, size)
    }
}
