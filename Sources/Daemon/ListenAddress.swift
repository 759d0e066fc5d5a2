internal import Glibc
internal import NIOCore

/// Why the service cannot listen: the address and the reason.
package struct ListenFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// - Parameters:
    ///   - address: as people write it.
    ///   - code: the errno of the call that failed.
    package init(address: String, errno code: Int32) {
        let reason =
            switch code {
            case EADDRINUSE: "is in use: another process listens there"
            case EADDRNOTAVAIL: "is no address of this machine"
            case EACCES: "is not permitted for this user: ports below 1024 need root, or a proxy in front"
            case EAFNOSUPPORT: "is of a family that this machine does not support"
            default: "cannot be listened on: \(String(cString: strerror(code)))"
            }
        description = "listen: \(address) \(reason)"
    }

    /// The reason in an error of the server; nil when the error is of another kind.
    init?(_ error: any Error, address: String) {
        guard let error = error as? IOError else {
            return nil
        }
        self.init(address: address, errno: error.errnoCode)
    }
}

/// An address and a port on which connections are accepted.
package struct ListenAddress: Sendable, Equatable {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Binds the address and releases it: an error with it is reported before anything is started.
    package func check() throws(ListenFailure) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw ListenFailure(address: text, errno: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ListenFailure(address: text, errno: errno) }
        defer { close(descriptor) }
        // As the server does: closing connections of a previous process do not prevent the bind.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
            throw ListenFailure(address: text, errno: errno)
        }
    }
}
