internal import Glibc

/// One TCP connection to a server on this machine, byte by byte: nothing of what is tested is used to test it.
package final class LoopbackConnection {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let socket: Int32
    private var buffer: [UInt8] = []
    /// The other side has ended its direction.
    package private(set) var isAtEnd = false
    /// The end was a reset, which may have discarded bytes sent before.
    package private(set) var wasReset = false

    package init(port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(socket) }

    /// - Returns: whether everything could be sent.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Ends our direction; the other one stays open.
    package func endOutput() { shutdown(socket, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    package func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Reads more; false at the end, or when nothing comes in time.
    private func fill(_ seconds: Double) -> Bool {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(seconds * 1000)) == 1 else { return false }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &bytes, bytes.count, 0)
        guard count > 0 else {
            (isAtEnd, wasReset) = (true, count < 0)
            return false
        }
        buffer += bytes.prefix(count)
        return true
    }

    /// Exactly `count` bytes; nil when nothing comes for so long, or the connection ends before.
    package func read(_ count: Int, seconds: Double = 20) -> [UInt8]? {
        while buffer.count < count { guard fill(seconds) else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// Everything up to and with a mark.
    package func read(through mark: String, seconds: Double = 20) -> String? {
        let wanted = Array(mark.utf8)
        while true {
            if let range = buffer.firstRange(of: wanted) {
                defer { buffer.removeFirst(range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            guard fill(seconds) else { return nil }
        }
    }

    /// Everything until the other side closes, or sends nothing for so long.
    package func readToEnd(seconds: Double = 20) -> [UInt8] {
        while fill(seconds) {}
        defer { buffer = [] }
        return buffer
    }
}
