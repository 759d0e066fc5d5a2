package import EgressRules
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Finds the addresses of a name.
package protocol NameResolving: Sendable {
    /// Calls `done` once, from any thread, at the latest when the system's resolver has given up.
    ///
    /// - Parameters:
    ///   - client: who asks, so that one cannot take all of the resolver: a number for each sandbox.
    ///   - done: gets the addresses in the order in which they should be tried, none if the name has none; nil when there are
    ///     too many names to be resolved already.
    func resolve(_ name: String, for client: UInt64, done: @escaping @Sendable ([IPAddress]?) -> Void)

    /// This client is gone: names of it that wait need not be resolved any more.
    func forget(_ client: UInt64)
}

/// Resolvers that answer immediately have nothing to forget.
extension NameResolving {
    package func forget(_ client: UInt64) {}
}

/// The system's resolver (getaddrinfo(3)), on a few threads that clients share evenly.
package final class SystemResolver: NameResolving {
    private typealias Done = @Sendable ([IPAddress]?) -> Void

    private struct State {
        var turns: FairTurns<(name: String, done: Done)>
        var threads = 0
    }

    private let state: Mutex<State>
    private let maximumThreads: Int
    private let look: @Sendable (String) -> [IPAddress]

    /// - Parameters:
    ///   - threads: the most names that are resolved at a time.
    ///   - perClient: the most of one client. However slow its names are, other threads are left to the others.
    ///   - waiting: the most that wait for that.
    ///   - waitingPerClient: the most of one client.
    ///   - look: asks the system; blocks.
    package init(
        threads: Int = 16, perClient: Int = 2, waiting: Int = 256, waitingPerClient: Int = 16,
        look: @escaping @Sendable (String) -> [IPAddress] = { SystemResolver.addresses(of: $0) }
    ) {
        maximumThreads = threads
        self.look = look
        state = Mutex(
            State(
                turns: FairTurns(
                    atOnce: perClient, waiting: waiting, waitingPerClient: waitingPerClient)))
    }

    package func resolve(_ name: String, for client: UInt64, done: @escaping @Sendable ([IPAddress]?) -> Void) {
        enum Step { case start, queued, full }
        let step = state.withLock { state -> Step in
            guard state.turns.add((name, done), of: client) else { return .full }
            guard state.turns.isDue, state.threads < maximumThreads else { return .queued }
            state.threads += 1
            return .start
        }
        switch step {
        case .queued: return
        case .full: done(nil)
        case .start:
            do throws(SystemCallError) {
                try DetachedThread.start { self.work() }
            } catch {
                let left = state.withLock { state -> [Done] in
                    state.threads -= 1
                    return state.threads == 0 ? state.turns.removeAll().map(\.done) : []
                }
                for done in left { done(nil) }
            }
        }
    }

    package func forget(_ client: UInt64) {
        for item in state.withLock({ $0.turns.remove(client) }) { item.done(nil) }
    }

    private func work() {
        while true {
            let next = state.withLock { state in
                let next = state.turns.next()
                if next == nil { state.threads -= 1 }
                return next
            }
            guard let (client, item) = next else { return }
            item.done(look(item.name))
            state.withLock { $0.turns.finished(client) }
        }
    }

    /// What getaddrinfo(3) says; none where it fails. Blocks, for seconds where the name server is silent.
    package static func addresses(of name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // With a dot at its end no search list of this machine's is applied.
        guard getaddrinfo(name.contains(".") ? name + "." : name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let current = entry, found.count < 16 {
            if let address = IPAddress(current.pointee.ai_addr), !found.contains(address) { found.append(address) }
            entry = current.pointee.ai_next
        }
        return found
    }
}

extension IPAddress {
    init?(_ address: UnsafeMutablePointer<sockaddr>?) {
        guard let address else { return nil }
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
            self.init(bytes: bytes)
        case AF_INET6:
            let bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
            self.init(bytes: bytes)
        default: return nil
        }
    }
}

/// This machine's own addresses, which are as little for programs as its loopback: what listens there may trust its host.
struct OwnAddresses {
    private static let lifetime: Int64 = 5_000_000_000

    /// Nil while they are not known: then any address may be one.
    private var known: Set<IPAddress>?
    private var readAt: Int64?

    mutating func contains(_ address: IPAddress) -> Bool {
        let now = monotonicNow()
        if known == nil || readAt.map({ now - $0 > Self.lifetime }) ?? true {
            known = Self.read()
            readAt = now
        }
        return known?.contains(address) ?? true
    }

    private static func read() -> Set<IPAddress>? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var found: Set<IPAddress> = []
        var entry = list
        while let current = entry {
            if let address = IPAddress(current.pointee.ifa_addr) { found.insert(address) }
            entry = current.pointee.ifa_next
        }
        return found
    }
}
