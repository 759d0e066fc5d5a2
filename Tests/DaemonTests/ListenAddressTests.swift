import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite("The address that is listened on")
struct ListenAddressTests {
    @Test("one that is free, one that is taken, one of another machine, one of another family's notation")
    func check() throws {
        try ListenAddress(host: "127.0.0.1", port: 0).check()
        let taken = try LoopbackPort(isListening: true)
        let port = Int(taken.number)
        #expect(
            throws: ListenFailure(address: "127.0.0.1:\(port)", errno: EADDRINUSE),
            performing: ListenAddress(host: "127.0.0.1", port: port).check)
        withExtendedLifetime(taken) {}
        #expect(
            throws: ListenFailure(address: "192.0.2.1:80", errno: EADDRNOTAVAIL),
            performing: ListenAddress(host: "192.0.2.1", port: 80).check)
        #expect(ListenAddress(host: "::1", port: 8080).text == "[::1]:8080")
        #expect(
            ListenFailure(address: "127.0.0.1:80", errno: EADDRINUSE).description
                == "listen: 127.0.0.1:80 is in use: another process listens there")
    }
}
