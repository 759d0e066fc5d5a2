internal import EgressRules
internal import Glibc
internal import LinuxSystem
internal import Reactor
internal import RunModel
internal import Synchronization

/// What a resolver has said, on its way to a connection.
private final class ResolvedName: Sendable {
    private let value = Mutex<[IPAddress]??>(.none)

    func set(_ found: [IPAddress]?) { value.withLock { $0 = .some(found) } }

    /// - Returns: nil while nothing has been said; nil in it when the resolver has no room.
    func take() -> [IPAddress]?? {
        value.withLock { value in
            defer { value = .none }
            return value
        }
    }
}

/// One client of a door, from its first byte to its last: a member of the door's reactor, whose thread it never holds up.
///
/// Authorised first, resolved then, checked then, connected to exactly the address that was checked.
final class EgressConnection: ReactorMember {
    enum Phase {
        case handshake
        /// A name is being resolved, that of the target or that of the parent proxy.
        case resolving(ClientRequest)
        case connecting(ClientRequest, rest: [IPAddress], port: UInt16)
        /// The parent proxy has been asked.
        case asking(ClientRequest, answer: [UInt8])
        case relaying
        /// An answer is on its way, and nothing more.
        case leaving
    }

    let state: EgressDoor.State
    let client: SharedDescriptor
    private let id: Reactor.MemberID
    private let since = monotonicNow()
    var phase = Phase.handshake
    var request: ClientRequest?
    private var handshake = ClientHandshake()
    /// What the client has sent behind its request.
    var early: [UInt8] = []
    var server: SharedDescriptor?
    /// Counts servers: numbers of descriptors are used again.
    var epoch = 0
    var outward = EgressFlow()
    var inward = EgressFlow()
    var screen = EgressScreen()
    /// What the client has sent and nobody has let pass yet.
    var held: [UInt8] = []
    var response = HTTPResponseFilter()
    var phaseUntil: Int64
    private var connectUntil: Int64 = 0
    private let resolved = ResolvedName()
    private var own = OwnAddresses()
    private var hasPlace = false
    private var hasCounted = false

    var times: EgressTimes { state.service.settings.times }
    private var parent: ParentProxy? { state.service.settings.parent }

    init(_ client: SharedDescriptor, _ id: Reactor.MemberID, _ state: EgressDoor.State) {
        self.client = client
        self.id = id
        self.state = state
        phaseUntil = since + state.service.settings.times.handshake
    }

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        guard !state.isClosed, step() else {
            end()
            return nil
        }
        return interest()
    }

    /// - Returns: false when it is over.
    private func step() -> Bool {
        let now = monotonicNow()
        if now >= since + times.total {
            note(.timeout)
            return false
        }
        switch phase {
        case .handshake: return now < phaseUntil ? readHandshake() : refuse(.timeout)
        case .resolving(let request):
            guard let found = resolved.take() else { return now < phaseUntil ? true : refuse(.name) }
            guard let found else { return refuse(.busy) }
            return connect(request, to: found)
        case .connecting(let request, let rest, let port): return awaitConnection(request, rest, port, now)
        case .asking: return now < phaseUntil ? awaitParent() : refuse(.unreachable)
        case .relaying:
            guard relay() else { return false }
            if monotonicNow() >= phaseUntil {
                note(.timeout)
                return false
            }
            return true
        case .leaving: return now < phaseUntil && depart()
        }
    }

    private func interest() -> ReactorInterest {
        var interest = ReactorInterest()
        interest.wake(at: min(phaseUntil, since + times.total))
        var (clientEvents, serverEvents): (Int32, Int32) = (0, 0)
        switch phase {
        case .handshake: clientEvents = POLLIN | (inward.count > 0 ? POLLOUT : 0)
        case .resolving: break
        case .connecting: serverEvents = POLLOUT
        case .asking: serverEvents = POLLIN | (outward.count > 0 ? POLLOUT : 0)
        case .leaving: clientEvents = inward.count > 0 ? POLLOUT : POLLIN
        case .relaying:
            if outward.room > 0 { clientEvents |= POLLIN }
            if inward.count > 0 { clientEvents |= POLLOUT }
            if inward.room > 0 { serverEvents |= POLLIN }
            if outward.count > 0 { serverEvents |= POLLOUT }
        }
        if clientEvents != 0 { interest.watch(client.number, Int16(clientEvents)) }
        if serverEvents != 0, let server { interest.watch(server.number, Int16(serverEvents), epoch: epoch) }
        return interest
    }

    // MARK: - The client's request

    private func readHandshake() -> Bool {
        if inward.count > 0, case .failed = inward.write(to: client.number) { return false }
        var bytes: [UInt8] = []
        switch SocketCalls.read(client.number, most: 4096, into: &bytes) {
        case .later: return true
        case .end, .failed: return false
        case .bytes: break
        }
        switch handshake.take(bytes) {
        case .more: return true
        case .reply(let answer):
            inward.append(answer)
            if case .failed = inward.write(to: client.number) { return false }
            // What came with the greeting may be the whole request.
            return settle(handshake.take([]))
        case let other: return settle(other)
        }
    }

    private func settle(_ step: ClientHandshake.Step) -> Bool {
        switch step {
        case .more, .reply: return true
        case .refuse(let reason, let target, let answer):
            state.refuse(reason, target)
            return leave(with: answer)
        case .request(let request, let rest):
            self.request = request
            early = rest
            return authorise(request)
        }
    }

    private func authorise(_ request: ClientRequest) -> Bool {
        // Whatever else may be wrong: nothing is asked of anybody for a host that is not allowed.
        guard state.grant.allows(request.target) else { return refuse(.policy) }
        hasPlace = state.withLock { values in
            guard values.connections < state.grant.connections else { return false }
            values.connections += 1
            return true
        }
        guard hasPlace else { return refuse(.connections) }
        guard state.allowance(1) > 0 else { return refuse(.bytes) }
        if case .address(let address) = request.target.host {
            guard check([address], request.target.port).isEmpty == false else {
                return refuse(.address, detail: detail(of: [address]))
            }
            if parent == nil { return begin(request, [address], request.target.port) }
        }
        // The parent proxy resolves names itself.
        let target = parent?.target ?? request.target
        switch target.host {
        case .address(let address): return begin(request, [address], target.port)
        case .name(let name):
            phase = .resolving(request)
            phaseUntil = monotonicNow() + times.resolve
            let (id, reactor, resolved) = (id, state.reactor, resolved)
            state.service.resolver.resolve(name, for: state.number) { found in
                resolved.set(found)
                reactor.wake(id)
            }
            return true
        }
    }

    // MARK: - The server

    private func connect(_ request: ClientRequest, to found: [IPAddress]) -> Bool {
        guard !found.isEmpty else { return refuse(.name) }
        // The operator names the parent proxy; it may be anywhere.
        if let parent { return begin(request, found, parent.target.port) }
        let allowed = check(found, request.target.port)
        guard !allowed.isEmpty else { return refuse(.address, detail: detail(of: found)) }
        return begin(request, allowed, request.target.port)
    }

    /// Those that may be connected to.
    private func check(_ addresses: [IPAddress], _ port: UInt16) -> [IPAddress] {
        addresses.filter { address in
            guard state.grant.refusal(of: address, port: port) == nil else { return false }
            if state.service.settings.reachesOwnAddresses { return true }
            let isExcepted = state.grant.privateRanges.contains { $0.contains(address, port: port) }
            return isExcepted || !own.contains(address)
        }
    }

    private func detail(of addresses: [IPAddress]) -> String {
        let first = addresses.first.map { AddressClass(of: $0) } ?? .public
        return first == .public ? "it is this machine" : first.rawValue
    }

    private func begin(_ request: ClientRequest, _ addresses: [IPAddress], _ port: UInt16) -> Bool {
        connectUntil = monotonicNow() + times.connect
        return connectNext(request, addresses, port)
    }

    private func connectNext(_ request: ClientRequest, _ addresses: [IPAddress], _ port: UInt16) -> Bool {
        server?.close()
        server = nil
        var rest = addresses[...]
        while let address = rest.popFirst(), monotonicNow() < connectUntil {
            do throws(SystemCallError) {
                server = SharedDescriptor(try SocketCalls.connect(to: address, port: port))
            } catch {
                guard ![EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errno) else { return refuse(.busy) }
                continue
            }
            epoch += 1
            phase = .connecting(request, rest: Array(rest), port: port)
            phaseUntil = min(connectUntil, monotonicNow() + times.connectOne)
            return true
        }
        return refuse(.unreachable)
    }

    private func awaitConnection(_ request: ClientRequest, _ rest: [IPAddress], _ port: UInt16, _ now: Int64) -> Bool {
        guard let number = server?.number else { return false }
        var poll = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, 0) == 1 else { return now < phaseUntil ? true : connectNext(request, rest, port) }
        guard SocketCalls.outcome(of: number) == 0 else { return connectNext(request, rest, port) }
        return connected(request)
    }

    private func connected(_ request: ClientRequest) -> Bool {
        if let parent {
            guard case .http = request.kind else {
                outward.append(parent.connect(request.target))
                phase = .asking(request, answer: [])
                phaseUntil = min(connectUntil, monotonicNow() + times.connectOne)
                return awaitParent()
            }
        }
        return open(request)
    }

    private func awaitParent() -> Bool {
        guard case .asking(let request, var answer) = phase, let server else { return false }
        if case .failed = outward.write(to: server.number) { return refuse(.unreachable) }
        // One byte after the other at the end: what comes behind the head is the server's.
        switch SocketCalls.read(server.number, most: 1024, into: &answer) {
        case .later: return true
        case .end, .failed: return refuse(.unreachable)
        case .bytes: break
        }
        guard let end = HTTPLines.end(of: answer) else {
            phase = .asking(request, answer: answer)
            return answer.count <= ClientHandshake.maximumHead ? true : refuse(.unreachable)
        }
        guard let lines = try? HTTPLines(Array(answer[..<end])), lines.start.hasPrefix("HTTP/1."),
            lines.start.split(separator: " ").dropFirst().first?.hasPrefix("2") == true
        else { return refuse(.unreachable) }
        return open(request, first: Array(answer[end...]))
    }

    /// Tells the client, and moves bytes from here on.
    private func open(_ request: ClientRequest, first: [UInt8] = []) -> Bool {
        hasCounted = true
        state.withLock { $0.report.connections += 1 }
        state.service.count { $0.connections += 1 }
        phase = .relaying
        touch()
        switch request.kind {
        case .tunnel: inward.append("HTTP/1.1 200 Connection Established\r\n\r\n".utf8)
        case .socks: inward.append(SocksRequest.reply(0))
        case .http(let head):
            let bytes = parent.map { $0.login(head.forProxy) } ?? head.forServer
            state.move(outward: bytes.count)
            outward.append(bytes)
        }
        inward.append(first)
        screen = EgressScreen(request)
        let bytes = early
        early = []
        return takeOutward(bytes) && relay()
    }

    /// Something has moved.
    func touch() { phaseUntil = monotonicNow() + times.idle }

    // MARK: - Ends

    func note(_ reason: EgressRefusal) { state.refuse(reason, request?.target) }

    /// Tells the client why not.
    func refuse(_ reason: EgressRefusal, detail: String = "") -> Bool {
        note(reason)
        switch request?.kind {
        case .socks?: return leave(with: SocksRequest.reply(reason.socksReply))
        case .tunnel?, .http?, nil: return leave(with: reason.response(request?.target, detail: detail))
        }
    }

    private func leave(with answer: [UInt8]) -> Bool {
        server?.close()
        server = nil
        inward.append(answer)
        inward.isEnded = true
        phase = .leaving
        phaseUntil = monotonicNow() + times.farewell
        return depart()
    }

    /// Sends what is left, then waits for the client to go: a connection that is closed with bytes unread loses what was sent.
    private func depart() -> Bool {
        if case .failed = inward.write(to: client.number) { return false }
        guard inward.count == 0 else { return true }
        if !inward.isShut {
            SocketCalls.endWriting(client.number)
            inward.isShut = true
        }
        var ignored: [UInt8] = []
        switch SocketCalls.read(client.number, most: 16_384, into: &ignored) {
        case .later, .bytes: return true
        case .end, .failed: return false
        }
    }

    private func end() {
        client.close()
        server?.close()
        let (id, hadPlace) = (id, hasPlace)
        state.withLock { values in
            values.clients -= 1
            if hadPlace { values.connections -= 1 }
            values.members.remove(id)
        }
        state.service.count { $0.open -= 1 }
    }
}
