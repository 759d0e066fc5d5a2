import EgressRules
import Foundation
import Glibc
import LinuxSystem
import RunModel
import Synchronization
import Testing

@testable import Egress

/// The way out over real sockets, to servers of this machine that an exception makes reachable.
@Suite("The way out", .timeLimit(.minutes(1))) struct DoorTests {
    private static let home = ["127.0.0.1"]

    private func echo() throws -> TestServer {
        try TestServer { client in
            while true {
                let bytes = client.receive()
                if bytes.isEmpty { break }
                client.send(bytes)
            }
            client.endWriting()
        }
    }

    private func door(
        _ port: UInt16, rules: [String]? = nil, connections: Int = 8, bytes: Int64 = 1 << 30,
        _ change: (inout EgressService.Settings) -> Void = { _ in }
    ) throws -> TestDoor {
        try TestDoor(
            rules ?? ["echo.example.org:\(port)"], names: TestNames(["echo.example.org": [Self.home]]), open: [port],
            connections: connections, bytes: bytes, settings: change)
    }

    @Test("a tunnel by CONNECT carries bytes both ways, and each end of them") func tunnel() async throws {
        let server = try echo()
        let door = try door(server.port)
        let client = door.client
        client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\nearly ")
        #expect(client.head() == "HTTP/1.1 200 Connection Established\r\n\r\n")
        client.send("late")
        client.endWriting()
        #expect(client.text == "early late")
        #expect(await door.settles { door.service.totals.open == 0 })
        #expect(door.door.report == NetworkReport(connections: 1, bytesIn: 10, bytesOut: 10))
    }

    @Test("a tunnel by SOCKS5, with the name resolved outside") func socks() throws {
        let server = try echo()
        let door = try door(server.port)
        let client = door.client
        let name = Array("echo.example.org".utf8)
        client.send([5, 1, 0])
        #expect(client.receive(2) == [5, 0])
        client.send([5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(server.port >> 8), UInt8(server.port & 255)])
        #expect(client.receive(10) == SocksRequest.reply(0))
        client.send("hello")
        client.endWriting()
        #expect(client.text == "hello")
        let refused = door.client
        refused.send([5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 0, 80])
        #expect(refused.receiveAll() == [5, 0] + SocksRequest.reply(2))
    }

    @Test("a large body goes through whole, in both directions at once") func large() throws {
        let server = try echo()
        let door = try door(server.port)
        let client = door.client
        client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        _ = client.head()
        var sent = [UInt8](repeating: 0, count: 8 << 20)
        for index in sent.indices { sent[index] = UInt8(truncatingIfNeeded: index &* 31 ^ index >> 9) }
        let body = sent
        try DetachedThread.start {
            client.send(body)
            client.endWriting()
        }
        #expect(client.receiveAll() == body)
    }

    @Test("plain HTTP goes to the host of its URL, and ends with its answer") func plain() throws {
        let server = try TestServer { client in
            let head = client.head()
            client.send(
                "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: \(head.utf8.count)\r\n\r\n" + head)
            client.endWriting()
        }
        let door = try door(server.port)
        let client = door.client
        client.send(
            "GET http://echo.example.org:\(server.port)/a HTTP/1.1\r\nHost: other.example.org\r\n\r\nGET http://x/ HTTP/1.1\r\n\r\n"
        )
        let text = client.text
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("Connection: close\r\n\r\n"))
        #expect(text.hasSuffix("GET /a HTTP/1.1\r\nHost: echo.example.org:\(server.port)\r\nConnection: close\r\n\r\n"))
        #expect(!text.contains("other.example.org") && !text.contains("keep-alive"))
    }

    @Test("what no rule allows is refused in words, without asking anybody") func policy() async throws {
        let names = TestNames(["a.example.org": [Self.home]])
        let door = try TestDoor(["a.example.org:443"], names: names)
        for _ in 0..<3 {
            let client = door.client
            client.send("CONNECT b.example.org:443 HTTP/1.1\r\n\r\n")
            let text = client.text
            #expect(text.hasPrefix("HTTP/1.1 403 Forbidden\r\n") && text.contains("Nestbox-Refused: policy\r\n"))
            #expect(
                text.hasSuffix("nestbox: b.example.org:443 is not among the hosts that the policy of this run allows\n")
            )
        }
        #expect(names.asked.withLock { $0 } == [])
        #expect(await door.settles { door.service.totals.open == 0 })
        #expect(door.door.report.refused == [.init(host: "b.example.org:443", reason: "policy", count: 3)])
        #expect(door.service.totals.refused == [.policy: 3])
    }

    @Test(
        "an address that is not public is refused after the name was resolved, whichever it is",
        arguments: [
            "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1", "64:ff9b::a00:1",
            "0.0.0.0",
            "224.0.0.1", "100.64.0.1",
        ])
    func addresses(address: String) throws {
        let server = try echo()
        let door = try TestDoor(["a.example.org:\(server.port)"], names: TestNames(["a.example.org": [[address]]]))
        let client = door.client
        client.send("CONNECT a.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        let text = client.text
        #expect(text.hasPrefix("HTTP/1.1 403 ") && text.contains("Nestbox-Refused: address\r\n"), "\(text)")
        #expect(server.clients.withLock { $0 } == 0)
    }

    @Test("a literal address needs a rule and has to be public, too") func literal() throws {
        let server = try echo()
        let door = try TestDoor(["127.0.0.1:\(server.port)", "*:\(server.port)"], names: TestNames([:]))
        let client = door.client
        client.send("CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(client.text.contains("Nestbox-Refused: address\r\n"))
        let mapped = door.client
        mapped.send("CONNECT [::ffff:127.0.0.1]:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(mapped.text.contains("Nestbox-Refused: policy\r\n"))
        #expect(server.clients.withLock { $0 } == 0)
    }

    @Test("a name is resolved once: the address that was checked is the one that is connected to") func rebinding()
        throws
    {
        let server = try echo()
        let other = try echo()
        // The first answer is allowed, the second one would not be.
        let names = TestNames(["a.example.org": [["127.0.0.1"], ["127.0.0.2"]]])
        let door = try TestDoor(["a.example.org:\(server.port)"], names: names, open: [server.port])
        let first = door.client
        first.send("CONNECT a.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(first.head().hasPrefix("HTTP/1.1 200 "))
        #expect(names.asked.withLock { $0 } == ["a.example.org"])
        let second = door.client
        second.send("CONNECT a.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(second.text.contains("Nestbox-Refused: address\r\n"))
        #expect(other.clients.withLock { $0 } == 0)
    }

    @Test("addresses that do not answer are passed over") func fallback() throws {
        let server = try echo()
        let dead = TestListener().port
        let names = TestNames(["a.example.org": [["::1", "127.0.0.1"]], "b.example.org": [["127.0.0.1"]]])
        let door = try TestDoor(
            ["a.example.org:\(server.port)", "b.example.org:\(dead)"], names: names, open: [server.port, dead])
        let client = door.client
        client.send("CONNECT a.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(client.head().hasPrefix("HTTP/1.1 200 "))
        let gone = door.client
        gone.send("CONNECT b.example.org:\(dead) HTTP/1.1\r\n\r\n")
        #expect(gone.text.contains("Nestbox-Refused: unreachable\r\n"))
    }

    @Test("a name inside TLS that is not the host's ends the connection before a byte of it goes on") func names()
        async throws
    {
        let received = Mutex<[UInt8]>([])
        let server = try TestServer { client in
            let bytes = client.receiveAll()
            received.withLock { $0 += bytes }
        }
        let door = try door(server.port)
        let client = door.client
        client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        _ = client.head()
        client.send(TLSServerNameTests.hello(["other.example.org"]))
        #expect(client.receiveAll() == [])
        #expect(await door.settles { !door.door.report.refused.isEmpty && door.service.totals.open == 0 })
        #expect(door.door.report.refused.map(\.reason) == ["sni"] && received.withLock { $0 } == [])
        let right = door.client
        right.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        _ = right.head()
        let hello = TLSServerNameTests.hello(["Echo.example.org"], record: 50)
        for byte in hello { right.send([byte]) }
        right.endWriting()
        #expect(await door.settles { received.withLock { $0 == hello } })
    }

    @Test("bytes are bounded, in and out together, and an endless upload ends") func bytes() async throws {
        let server = try TestServer { client in while !client.receive().isEmpty {} }
        let door = try door(server.port, bytes: 1_000_000)
        let client = door.client
        client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        _ = client.head()
        for _ in 0..<1000 { client.send([UInt8](repeating: 1, count: 65_536)) }
        #expect(await door.settles { door.service.totals.open == 0 })
        #expect(door.door.report.bytesOut == 1_000_000)
        #expect(door.door.report.refused.map(\.reason) == ["bytes"])
        let after = door.client
        after.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(after.text.contains("Nestbox-Refused: bytes\r\n"))
    }

    @Test("a reader that is slow holds the server up, and memory stays small") func slow() async throws {
        let sent = Mutex(0)
        let server = try TestServer { client in
            for _ in 0..<1000 {
                client.send([UInt8](repeating: 1, count: 65_536))
                sent.withLock { $0 += 65_536 }
            }
        }
        let door = try door(server.port)
        let client = door.client
        client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        _ = client.head()
        try await Task.sleep(for: .milliseconds(500))
        // What the sockets of both sides take, and one buffer.
        #expect(sent.withLock { $0 } < 8 << 20)
        #expect(client.receiveAll().count == 65_536_000)
    }

    @Test("more connections than the policy gives are refused, and those there are go on") func many() async throws {
        let server = try echo()
        let door = try door(server.port, connections: 4)
        var open: [TestSocket] = []
        for _ in 0..<4 {
            let client = door.client
            client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
            #expect(client.head().hasPrefix("HTTP/1.1 200 "))
            open.append(client)
        }
        let fifth = door.client
        fifth.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(fifth.text.contains("Nestbox-Refused: connections\r\n"))
        // A flood of silent ones takes no more than the waiting room.
        let flood = (0..<60).map { _ in door.client }
        #expect(await door.settles { door.service.totals.open >= 20 })
        try await Task.sleep(for: .milliseconds(100))
        #expect(door.service.totals.open <= 4 + 16)
        for client in open {
            client.send("x")
            #expect(client.receive(1) == [0x78])
        }
        withExtendedLifetime(flood) {}
    }

    @Test("all doors together have a bound, too") func total() async throws {
        let server = try echo()
        let door = try door(server.port) { $0.maximumConnections = 2 }
        let clients = (0..<6).map { _ in door.client }
        for client in clients { client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n") }
        #expect(await door.settles { door.service.totals.connections == 2 })
        try await Task.sleep(for: .milliseconds(100))
        #expect(door.service.totals.open == 2 && door.service.totals.connections == 2)
    }

    @Test("closing the door ends the listener and every connection") func closing() async throws {
        let server = try echo()
        let door = try door(server.port)
        let client = door.client
        client.send("CONNECT echo.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        _ = client.head()
        let silent = door.client
        #expect(await door.settles { door.service.totals.open == 2 })
        door.door.close()
        #expect(client.receiveAll() == [] && silent.receiveAll() == [])
        #expect(await door.settles { door.service.totals.open == 0 && door.service.totals.doors == 0 })
        #expect(door.door.report.connections == 1)
    }

    @Test("every state has a deadline") func deadlines() async throws {
        let server = try TestServer { client in _ = client.receiveAll() }
        let names = TestNames(["a.example.org": [Self.home]])
        let door = try TestDoor(
            ["a.example.org:\(server.port)", "slow.example.org:1", "*:2"], names: names, open: [server.port]
        ) { settings in
            settings.times.handshake = 200_000_000
            settings.times.resolve = 200_000_000
            settings.times.idle = 200_000_000
        }
        let silent = door.client
        #expect(silent.text.contains("Nestbox-Refused: timeout\r\n"))
        let slow = door.client
        slow.send("CONNECT slow.example.org:1 HTTP/1.1\r\n\r\n")
        #expect(slow.text.contains("Nestbox-Refused: name\r\n"))
        let unknown = door.client
        unknown.send("CONNECT unknown.example.org:2 HTTP/1.1\r\n\r\n")
        #expect(unknown.text.contains("Nestbox-Refused: name\r\n"))
        let idle = door.client
        idle.send("CONNECT a.example.org:\(server.port) HTTP/1.1\r\n\r\n")
        #expect(idle.head().hasPrefix("HTTP/1.1 200 "))
        #expect(idle.receiveAll() == [])
        #expect(await door.settles { door.service.totals.open == 0 })
    }

    @Test("a parent proxy is asked for the host, and resolves it") func parent() throws {
        let parent = try TestServer { client in
            let head = client.head()
            if head.hasPrefix("CONNECT a.example.org:443 ") {
                client.send("HTTP/1.1 200 fine\r\n\r\nfrom the server")
            } else if head.hasPrefix("GET http://a.example.org/x ") {
                client.send(
                    "HTTP/1.1 200 OK\r\n\r\n"
                        + (head.contains("Proxy-Authorization: Basic dTpw\r\n") ? "known" : "unknown"))
            } else {
                client.send("HTTP/1.1 403 no\r\n\r\n")
            }
            client.endWriting()
            _ = client.receiveAll()
        }
        let names = TestNames([:])
        let door = try TestDoor(["*.example.org:443", "*.example.org:80", "192.168.0.1:443"], names: names) {
            settings in
            settings.parent = ParentProxy("http://u:p@127.0.0.1:\(parent.port)")
        }
        let client = door.client
        client.send("CONNECT a.example.org:443 HTTP/1.1\r\n\r\n")
        #expect(client.text == "HTTP/1.1 200 Connection Established\r\n\r\nfrom the server")
        let plain = door.client
        plain.send("GET http://a.example.org/x HTTP/1.1\r\n\r\n")
        #expect(plain.text.hasSuffix("\r\n\r\nknown"))
        let refused = door.client
        refused.send("CONNECT b.example.org:443 HTTP/1.1\r\n\r\n")
        #expect(refused.text.contains("Nestbox-Refused: unreachable\r\n"))
        let literal = door.client
        literal.send("CONNECT 192.168.0.1:443 HTTP/1.1\r\n\r\n")
        #expect(literal.text.contains("Nestbox-Refused: address\r\n"))
        #expect(names.asked.withLock { $0 } == [])
    }
}
