import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import ServerTransport

@Suite("Accepting")
struct AcceptPauseTests {
    private static let noDescriptors = IOError(errnoCode: EMFILE, reason: "accept")

    @Test("without a descriptor left a listener stops asking for a moment, and then goes on")
    func pauses() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        try await server.eventLoop.submit {
            try server.pipeline.syncOperations.addHandler(
                AcceptPause(.milliseconds(300), logger: logger), position: .first)
        }.get()
        #expect(try await server.getOption(.autoRead).get())
        server.pipeline.fireErrorCaught(Self.noDescriptors)
        #expect(try await server.getOption(.autoRead).get() == false)
        let end = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < end, try await server.getOption(.autoRead).get() == false {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await server.getOption(.autoRead).get())
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try #require(server.localAddress)).get()
        try await client.close().get()
        try await server.close().get()
    }
}
