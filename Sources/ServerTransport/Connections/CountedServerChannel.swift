package import HummingbirdCore
package import Logging
package import NIOCore

/// Counts connections from accept to close; closes one above the limit before anything is read from
/// it, TLS included.
package struct CountedServerChannel<Base: ServerChildChannel>: ServerChildChannel {
    package typealias Value = Base.Value

    private let base: Base
    private let counter: ConnectionCounter
    private let proxies: [AddressRange]

    /// - Parameter proxies: peers with many clients behind them; they count only in the total.
    package init(_ base: Base, counter: ConnectionCounter, proxies: [AddressRange] = []) {
        self.base = base
        self.counter = counter
        self.proxies = proxies
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let address = bucket(of: channel.remoteAddress)
        guard counter.open(address) else {
            // The server does not close a connection that cannot be set up; this code must.
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
