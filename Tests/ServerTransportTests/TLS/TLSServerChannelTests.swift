import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import ServerTransport

@Suite("TLS", .enabled(if: Authority.openssl != nil), .timeLimit(.minutes(2)))
struct TLSServerChannelTests {
    private func certificate(_ pair: Authority.Pair) throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: pair.chain, format: .pem)
    }

    @Test("A handshake works with both versions, and HTTP/1.1 is what is agreed upon", arguments: [2, 3])
    func handshake(version: Int) async throws {
        let authority = try Authority()
        let pair = try authority.make("one")
        try authority.install(pair)
        let certificate = try self.certificate(pair)
        let certificates = try ReloadingCertificates(chain: authority.chain, key: authority.key)
        try await withServer(TLSServerChannel(EchoChannel(), certificates: certificates)) { port in
            try await withTLSConnection(to: port, protocols: ["h2", "http/1.1"], versions: version...version) {
                talk, handshake in
                #expect(handshake.certificate == certificate)
                #expect(handshake.negotiatedProtocol == "http/1.1")
                try await talk.expectEcho("hello")
            }
        }
    }

    @Test("Versions before TLS 1.2 are refused, and what is no TLS is too, with the service going on")
    func refused() async throws {
        let authority = try Authority()
        try authority.install(try authority.make("one"))
        let certificates = try ReloadingCertificates(chain: authority.chain, key: authority.key)
        try await withServer(TLSServerChannel(EchoChannel(), certificates: certificates)) { port in
            await #expect(throws: (any Error).self) {
                try await withTLSConnection(to: port, versions: 0...1) { _, _ in }
            }
            try await withConnection(to: port) { talk in
                try await talk.outbound.write(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                await talk.waitForEnd()
            }
            var random = RandomText(seed: 61)
            for _ in 0..<30 {
                try await withConnection(to: port) { talk in
                    // Begins like a handshake, so that it is looked into.
                    let noise = (0..<300).map { _ in UInt8(random.below(256)) }
                    try await talk.outbound.write(ByteBuffer(bytes: [0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3] + noise))
                    await talk.waitForEnd()
                }
            }
            try await withTLSConnection(to: port) { talk, _ in try await talk.expectEcho("still here") }
        }
    }

    @Test("New connections see new certificates, and old connections go on")
    func reload() async throws {
        let authority = try Authority()
        let (one, other) = (try authority.make("one"), try authority.make("other"))
        let (oneCertificate, otherCertificate) = (try certificate(one), try certificate(other))
        try authority.install(one)
        let certificates = try ReloadingCertificates(chain: authority.chain, key: authority.key)
        try await withServer(TLSServerChannel(EchoChannel(), certificates: certificates)) { port in
            try await withTLSConnection(to: port) { old, before in
                #expect(before.certificate == oneCertificate)
                try await old.expectEcho("before")

                // Half written: everybody is still met with the old ones.
                try authority.overwrite(authority.chain, other.chain.prefix(300))
                #expect(throws: CertificateError.self) { try certificates.reloadIfChanged() }
                try await withTLSConnection(to: port) { talk, handshake in
                    #expect(handshake.certificate == oneCertificate)
                    try await talk.expectEcho("meanwhile")
                }

                try authority.install(other)
                #expect(try certificates.reloadIfChanged())
                try await withTLSConnection(to: port) { talk, handshake in
                    #expect(handshake.certificate == otherCertificate)
                    try await talk.expectEcho("new")
                }
                try await old.expectEcho("old, and goes on")
            }
        }
    }

    @Test("Who does not finish the handshake in time is let go; who does may stay")
    func deadline() async throws {
        let authority = try Authority()
        try authority.install(try authority.make("one"))
        let certificates = try ReloadingCertificates(chain: authority.chain, key: authority.key)
        let child = TLSServerChannel(EchoChannel(), certificates: certificates, handshakeTimeout: .seconds(2))
        try await withServer(child) { port in
            try await withTLSConnection(to: port) { talk, _ in
                let start = ContinuousClock.now
                // Says nothing.
                try await withConnection(to: port) { silent in await silent.waitForEnd() }
                #expect(ContinuousClock.now - start > .seconds(1))
                // Begins, and says nothing more.
                try await withConnection(to: port) { slow in
                    try await slow.outbound.write(ByteBuffer(bytes: [0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc]))
                    await slow.waitForEnd()
                }
                try await talk.expectEcho("longer here than that")
            }
        }
    }

    @Test("A client that never stops sending a little does not stay longer")
    func trickle() async throws {
        let authority = try Authority()
        try authority.install(try authority.make("one"))
        let certificates = try ReloadingCertificates(chain: authority.chain, key: authority.key)
        let child = TLSServerChannel(EchoChannel(), certificates: certificates, handshakeTimeout: .seconds(1))
        try await withServer(child) { port in
            await #expect(throws: (any Error).self) {
                try await withConnection(to: port) { talk in
                    try await talk.outbound.write(ByteBuffer(bytes: [0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3]))
                    // A hello of 16 KiB, byte by byte, would take many minutes.
                    for _ in 0..<16_000 {
                        try await talk.outbound.write(ByteBuffer(bytes: [0]))
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
            }
        }
    }
}
