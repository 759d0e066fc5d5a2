internal import Glibc

/// A TCP port of 127.0.0.1 that a socket holds for as long as its owner lives.
package final class LoopbackPort {
    package let number: UInt16
    private let socket: Int32

    /// - Parameter isListening: whether connections are accepted by the kernel, and other listeners refused.
    package init(isListening: Bool = false) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && (!isListening || listen(descriptor, 1) == 0)
                    ? getsockname(descriptor, address, &length) : -1
            }
        }
        number = UInt16(bigEndian: address.sin_port)
        guard status == 0 else { throw LoopbackConnection.Failure(description: "there is no free port") }
    }

    deinit { close(socket) }

    /// A port that was free a moment ago, for a server that cannot choose one itself.
    package static func free() throws -> UInt16 { try LoopbackPort().number }
}
