internal import EgressRules

/// Looks at what a client sends: where the body of its request ends, and which name it tells a server of TLS. Pure.
struct EgressScreen {
    enum Verdict: Equatable {
        /// So many bytes go on; the rest is forgotten, and nothing more comes.
        case pass(Int, isLast: Bool)
        /// More has to come before anything goes on.
        case hold
        case refuse(EgressRefusal)
    }

    private enum Watch {
        case nothing
        case hello(name: String)
        case body(HTTPBody)
    }

    private var watch = Watch.nothing

    init() {}

    init(_ request: ClientRequest) {
        switch (request.kind, request.target.host) {
        case (.http(let head), _): watch = .body(head.body)
        // An address has no name to compare with.
        case (_, .name(let name)): watch = .hello(name: name)
        case (_, .address): watch = .nothing
        }
    }

    /// Whether nothing more of the client's is wanted.
    var isOver: Bool { if case .body(let body) = watch { body.isDone } else { false } }

    /// - Parameter bytes: all that has been held, and what came now.
    mutating func look(at bytes: [UInt8]) -> Verdict {
        switch watch {
        case .nothing: return .pass(bytes.count, isLast: false)
        case .body(var body):
            do throws(HTTPError) {
                let count = try body.take(bytes[...])
                watch = .body(body)
                return .pass(count, isLast: body.isDone)
            } catch {
                return .refuse(.protocol)
            }
        case .hello(let name):
            switch TLSServerName.look(bytes) {
            case .more: return bytes.isEmpty ? .pass(0, isLast: false) : .hold
            case .other, .none: break
            case .wrong: return .refuse(.sni)
            case .name(let found):
                guard case .name(name)? = EgressHost(found) else { return .refuse(.sni) }
            }
            watch = .nothing
            return .pass(bytes.count, isLast: false)
        }
    }
}
