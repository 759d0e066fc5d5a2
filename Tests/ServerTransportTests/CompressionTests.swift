import ServerTransport
import Testing
import WebSockets

@Suite("Compression over a connection")
struct CompressionTests {
    @Test("our own client and server: long messages both ways, with compression and without")
    func roundTrip() async throws {
        let server = LoopbackServer(socket: LoopbackServer.echo)
        let texts = ["", "short", String(repeating: "All work and no play. ", count: 20_000), "ä€😀"]
        for compresses in [true, false] {
            let echoed = try await server.serving { port in
                var limits = WebSocketLimits()
                limits.compresses = compresses
                let target = WebSocketClient.Target(host: "127.0.0.1", port: Int(port), path: "/", isTLS: false)
                return try await WebSocketClient.withConnection(to: target, limits: limits) { socket in
                    var echoed: [String] = []
                    var messages = socket.messages.makeAsyncIterator()
                    for text in texts {
                        try await socket.send(text: text)
                        if case .text(let text)? = await messages.next() { echoed.append(text) }
                    }
                    return echoed
                }
            }
            #expect(echoed == texts)
        }
    }
}
