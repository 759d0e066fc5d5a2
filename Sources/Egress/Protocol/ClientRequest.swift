package import EgressRules

/// What a program asks of the proxy: a connection, and how it is told of it.
package struct ClientRequest: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// HTTP CONNECT: bytes both ways.
        case tunnel
        /// SOCKS5 CONNECT: the same.
        case socks
        /// A request of plain HTTP, which is passed on with its body; nothing after that.
        case http(HTTPRequestHead)
    }

    package let kind: Kind
    package let target: EgressTarget

    package init(_ kind: Kind, _ target: EgressTarget) {
        self.kind = kind
        self.target = target
    }
}

/// Reads a client's first bytes until it is known what it wants. Pure: bytes go in, in pieces of any size.
package struct ClientHandshake: Sendable {
    package enum Step: Sendable, Equatable {
        /// More bytes are needed.
        case more
        /// These are to be sent; then more are needed.
        case reply([UInt8])
        /// It is known. `rest` came after the request, and belongs to the server.
        case request(ClientRequest, rest: [UInt8])
        /// It is none. `answer` is to be sent before the connection ends.
        case refuse(EgressRefusal, EgressTarget?, answer: [UInt8])
    }

    /// The most bytes of a request line and its headers.
    package static let maximumHead = 16_384

    private var bytes: [UInt8] = []
    private var hasGreeted = false

    package init() {}

    /// Takes what has come. Not to be called again after `request` and `refuse`.
    package mutating func take(_ more: some Sequence<UInt8>) -> Step {
        bytes += more
        guard let first = bytes.first else { return .more }
        if first == SocksRequest.version || hasGreeted { return socks() }
        do throws(HTTPError) {
            guard let end = HTTPLines.end(of: bytes) else {
                guard bytes.count <= Self.maximumHead else { throw HTTPError("the head of the request is too long") }
                return .more
            }
            guard end <= Self.maximumHead else { throw HTTPError("the head of the request is too long") }
            let request = try HTTPRequestHead.request(Array(bytes[..<end]))
            return .request(request, rest: Array(bytes[end...]))
        } catch {
            return .refuse(
                .protocol, nil, answer: EgressRefusal.protocol.response(nil, detail: error.reason))
        }
    }

    private mutating func socks() -> Step {
        if !hasGreeted {
            switch SocksRequest.greeting(bytes) {
            case .more: return .more
            case .wrong: return .refuse(.protocol, nil, answer: [SocksRequest.version, 0xFF])
            case .done(let count):
                bytes.removeFirst(count)
                hasGreeted = true
                return .reply([SocksRequest.version, 0])
            }
        }
        switch SocksRequest.read(bytes) {
        case .more: return .more
        case .wrong(let code): return .refuse(.protocol, nil, answer: SocksRequest.reply(code))
        case .done(let target, let count):
            return .request(ClientRequest(.socks, target), rest: Array(bytes[count...]))
        }
    }
}
