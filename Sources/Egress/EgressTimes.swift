/// How long each state of a connection may last. Nanoseconds.
package struct EgressTimes: Sendable {
    /// Until a client has said what it wants.
    package var handshake: Int64 = 10_000_000_000
    /// To resolve a name.
    package var resolve: Int64 = 10_000_000_000
    /// To connect to one address, and to all.
    package var connectOne: Int64 = 4_000_000_000
    package var connect: Int64 = 12_000_000_000
    /// Until a server, or a client that an answer goes to, has done the next thing.
    package var idle: Int64 = 300_000_000_000
    /// Of the whole connection.
    package var total: Int64 = 3_600_000_000_000
    /// Until a refused client has read why.
    package var farewell: Int64 = 2_000_000_000

    package init() {}
}
