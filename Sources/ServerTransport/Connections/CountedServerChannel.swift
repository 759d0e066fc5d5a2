package import HummingbirdCore
package import Logging
package import NIOCore

/// Connections that are counted from the first to the last moment; one too many is closed before anything is read of
/// it, TLS included.
package struct CountedServerChannel<Base: ServerChildChannel>: ServerChildChannel {
    package typealias Value = Base.Value

    private let base: Base
    private let counter: ConnectionCounter
    private let proxies: [AddressRange]

    /// - Parameter proxies: peers with many clients behind them; they count in the total alone.
    package init(_ base: Base, counter: ConnectionCounter, proxies: [AddressRange] = []) {
        self.base = base
        self.counter = counter
        self.proxies = proxies
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let address = bucket(of: channel.remoteAddress)
        guard counter.open(address) else {
            // The server forgets a connection that cannot be set up; to close it is left to us.
            return channel.close().flatMapThrowing { throw ConnectionRefused() }
        }
        channel.closeFuture.whenComplete { [counter] _ in counter.close(address) }
        return base.setup(channel: channel, logger: logger)
    }

    package func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }

    private func bucket(of peer: SocketAddress?) -> String? {
        guard let text = peer?.ipAddress, let address = ClientAddress(text) else { return nil }
        return proxies.contains { $0.contains(address) } ? nil : address.bucket
    }
}

/// There are too many connections.
struct ConnectionRefused: Error {}
