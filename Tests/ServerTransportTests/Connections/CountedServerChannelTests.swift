import NIOCore
import Testing

@testable import ServerTransport

@Suite("Connections that are counted", .timeLimit(.minutes(2)))
struct CountedServerChannelTests {
    /// The end of a connection is noticed soon, not at once.
    private func waitForNone(_ counter: ConnectionCounter) async throws {
        while counter.openConnections > 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("One too many is closed, and a place that is free again is given away")
    func bound() async throws {
        let counter = ConnectionCounter(perAddress: 2, total: 10)
        try await withServer(CountedServerChannel(EchoChannel(), counter: counter)) { port in
            try await withConnection(to: port) { first in
                try await first.expectEcho("one")
                try await withConnection(to: port) { second in
                    try await second.expectEcho("two")
                    for _ in 0..<20 {
                        try await withConnection(to: port) { third in await third.waitForEnd() }
                    }
                    #expect(counter.openConnections == 2)
                    try await first.expectEcho("still")
                }
                while counter.openConnections > 1 { try await Task.sleep(for: .milliseconds(5)) }
                try await withConnection(to: port) { try await $0.expectEcho("again") }
            }
            try await waitForNone(counter)
            #expect(counter.addresses == 0)
        }
    }

    @Test("A trusted proxy has as many as there are in total")
    func proxy() async throws {
        let counter = ConnectionCounter(perAddress: 1, total: 2)
        let proxies = [try #require(AddressRange("127.0.0.0/8"))]
        try await withServer(CountedServerChannel(EchoChannel(), counter: counter, proxies: proxies)) { port in
            try await withConnection(to: port) { first in
                try await first.expectEcho("one")
                try await withConnection(to: port) { second in
                    try await second.expectEcho("two")
                    try await withConnection(to: port) { third in await third.waitForEnd() }
                }
            }
            try await waitForNone(counter)
        }
    }

    @Test("Connections that end before their handshake are counted down too", .enabled(if: Authority.openssl != nil))
    func handshakes() async throws {
        let authority = try Authority()
        try authority.install(try authority.make("one"))
        let certificates = try ReloadingCertificates(chain: authority.chain, key: authority.key)
        let counter = ConnectionCounter(perAddress: 4, total: 4)
        let child = CountedServerChannel(TLSServerChannel(EchoChannel(), certificates: certificates), counter: counter)
        try await withServer(child) { port in
            for _ in 0..<20 {
                try await withConnection(to: port) { _ in }
                try await withConnection(to: port) { talk in
                    try await talk.outbound.write(ByteBuffer(string: "no TLS"))
                    await talk.waitForEnd()
                }
            }
            try await waitForNone(counter)
            try await withTLSConnection(to: port) { talk, _ in try await talk.expectEcho("hello") }
            try await waitForNone(counter)
        }
    }
}
