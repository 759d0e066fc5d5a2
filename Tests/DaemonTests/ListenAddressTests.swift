import Glibc
import Testing

@testable import Daemon

@Suite("The address that is listened on")
struct ListenAddressTests {
    @Test("one that is free, one that is taken, one of another machine, one of another family's notation")
    func check() throws {
        try ListenAddress(host: "127.0.0.1", port: 0).check()
        let taken = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(taken) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int in
                guard bind(taken, pointer, length) == 0, listen(taken, 1) == 0,
                    getsockname(taken, pointer, &length) == 0
                else { return 0 }
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        }
        try #require(port > 0)
        #expect(
            throws: ListenFailure(address: "127.0.0.1:\(port)", errno: EADDRINUSE),
            performing: ListenAddress(host: "127.0.0.1", port: port).check)
        #expect(
            throws: ListenFailure(address: "192.0.2.1:80", errno: EADDRNOTAVAIL),
            performing: ListenAddress(host: "192.0.2.1", port: 80).check)
        #expect(ListenAddress(host: "::1", port: 8080).text == "[::1]:8080")
        #expect(
            ListenFailure(address: "127.0.0.1:80", errno: EADDRINUSE).description
                == "listen: 127.0.0.1:80 is in use: another process listens there")
    }
}
