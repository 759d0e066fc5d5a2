import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Testing

/// Sends back what comes.
struct EchoChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let stream: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        var channel: any Channel { stream.channel }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            Value(stream: try NIOAsyncChannel(wrappingChannelSynchronously: channel))
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            try await value.stream.executeThenClose { inbound, outbound in
                for try await bytes in inbound { try await outbound.write(bytes) }
            }
        } catch {
            // Clients of these tests end their connections in every way.
        }
    }
}

/// A server on a free port of 127.0.0.1 for as long as the body takes.
func withServer<Child: ServerChildChannel>(_ child: Child, _ body: (_ port: Int) async throws -> Void) async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = Server(
        childChannelSetup: child, configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            port.yield(channel.localAddress?.port ?? 0)
            port.finish()
        }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "tls"))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { port.finish() }
            try await server.run()
        }
        var iterator = ports.makeAsyncIterator()
        let number = try #require(await iterator.next())
        do {
            try await body(number)
        } catch {
            try await server.shutdownGracefully()
            throw error
        }
        try await server.shutdownGracefully()
        try await group.waitForAll()
    }
}

/// One end of a connection, to talk through.
struct Talk {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Expects that the text comes back.
    mutating func expectEcho(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await outbound.write(ByteBuffer(string: text))
        var heard = ""
        while heard.utf8.count < text.utf8.count, let bytes = try await inbound.next() {
            heard += String(buffer: bytes)
        }
        #expect(heard == text, sourceLocation: sourceLocation)
    }

    /// Waits until the other side has ended the connection, in whatever way.
    mutating func waitForEnd() async {
        do {
            while try await inbound.next() != nil {}
        } catch {
            // A reset is an end too.
        }
    }
}

/// A connection without TLS for as long as the body takes.
func withConnection(to port: Int, _ body: (inout Talk) async throws -> Void) async throws {
    let stream = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    try await stream.executeThenClose { inbound, outbound in
        var talk = Talk(inbound, outbound)
        try await body(&talk)
    }
}
