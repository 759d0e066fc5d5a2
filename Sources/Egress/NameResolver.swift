package import EgressRules
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Finds the addresses of a name.
package protocol NameResolving: Sendable {
    /// Calls `done` once, from any thread, at the latest when the system's resolver has given up.
    ///
    /// - Parameter done: gets the addresses in the order in which they should be tried, none if the name has none; nil when there are
    ///   too many names to be resolved already.
    func resolve(_ name: String, done: @escaping @Sendable ([IPAddress]?) -> Void)
}

/// The system's resolver (getaddrinfo(3)), on a few threads.
package final class SystemResolver: NameResolving {
    private struct State {
        var waiting: [(name: String, done: @Sendable ([IPAddress]?) -> Void)] = []
        var threads = 0
    }

    private let state = Mutex(State())
    private let maximumThreads: Int
    private let maximumWaiting: Int

    /// - Parameters:
    ///   - threads: the most names that are resolved at a time.
    ///   - waiting: the most that wait for that.
    package init(threads: Int = 8, waiting: Int = 256) {
        maximumThreads = threads
        maximumWaiting = waiting
    }

    package func resolve(_ name: String, done: @escaping @Sendable ([IPAddress]?) -> Void) {
        enum Step { case start, queued, full }
        let step = state.withLock { state -> Step in
            guard state.waiting.count < maximumWaiting else { return .full }
            state.waiting.append((name, done))
            guard state.threads < maximumThreads else { return .queued }
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
                let left = state.withLock { state -> [@Sendable ([IPAddress]?) -> Void] in
                    state.threads -= 1
                    guard state.threads == 0 else { return [] }
                    defer { state.waiting = [] }
                    return state.waiting.map(\.done)
                }
                for done in left { done(nil) }
            }
        }
    }

    private func work() {
        while true {
            let next = state.withLock { state -> (name: String, done: @Sendable ([IPAddress]?) -> Void)? in
                guard !state.waiting.isEmpty else {
                    state.threads -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            guard let next else { return }
            next.done(Self.addresses(of: next.name))
        }
    }

    private static func addresses(of name: String) -> [IPAddress] {
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
