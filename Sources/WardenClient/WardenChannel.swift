internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Synchronization
internal import WardenProtocol

/// The part of a connection that its tasks and its thread share: the socket, the table of sandboxes, the messages that
/// wait to be sent. Nothing here blocks: what does not fit the socket's buffer is sent later by the thread.
final class WardenChannel: Sendable {
    /// The most messages that may wait for room in the socket's buffer.
    static let maximumOutgoing = 1024

    let socket: OwnedDescriptor
    /// `first` is readable when the thread should look at the state again.
    let wakes: DescriptorPair
    let deadlines: WardenDeadlines
    let state = Mutex(WardenState())
    /// The loop, until its thread has started and takes it.
    let loop = Mutex<WardenLoop?>(nil)
    /// The warden's pid, or why there was no `welcome`.
    let greeting = Latch<Result<Int32, WardenError>>()
    let termination = Latch<WardenError>()
    /// What the warden wrote to its stderr last, and what of it could not be ended; set before `termination`.
    let remains = Mutex("")

    init(socket: consuming OwnedDescriptor, deadlines: WardenDeadlines) throws(SystemCallError) {
        self.socket = socket
        self.deadlines = deadlines
        wakes = try PacketSocket.pair()
    }

    /// Makes the thread look at the state. A full buffer wakes it just as well.
    func wake() {
        try? PacketSocket.send([0], on: wakes.second.number, wait: false)
    }

    /// Sends a message about a living sandbox; does nothing when the sandbox is gone, whose events say so.
    ///
    /// - Throws: `ProtocolError` for a value out of bounds, `WardenError` when the connection has ended.
    func send(_ request: Request, about id: SandboxID, descriptor: SharedDescriptor? = nil) throws {
        let bytes = try request.encoded()
        try state.withLock { state in
            guard case .living = state.sandboxes[id] else {
                if case .ended(let error) = state.phase { throw error }
                return
            }
            guard case .ready = state.phase else { return }
            try enqueue(OutgoingPacket(bytes: bytes, descriptor: descriptor), &state)
        }
        wakeIfBlocked()
    }

    /// Asks for a sandbox; `continuation` is resumed once the warden has answered, or immediately when that is pointless.
    func create(_ id: SandboxID, _ spec: SandboxSpec, _ continuation: CheckedContinuation<CreatedSandbox, any Error>) {
        do {
            try state.withLock { state in
                let bytes = try state.coder.encoded(creating: id, spec)
                // A cancellation before this line is seen here, one after it finds the slot.
                guard !Task.isCancelled else { throw CancellationError() }
                switch state.phase {
                case .ready: break
                case .ended(let error): throw error
                case .greeting, .closing: throw WardenError.closed
                }
                try enqueue(OutgoingPacket(bytes: bytes, descriptor: nil), &state)
                state.sandboxes[id] = .creating(
                    continuation,
                    SandboxShape(
                        hasTerminal: spec.terminal != nil, hasChannel: spec.hasChannel,
                        hasMeter: spec.hasChannel || spec.hasProcesses,
                        hasListener: spec.network == .egress, isObserved: spec.isObserved))
            }
            wakeIfBlocked()
        } catch {
            continuation.resume(throwing: error)
        }
    }

    /// Gives up a sandbox that is being created.
    func abandon(_ id: SandboxID) {
        let continuation = state.withLock { state -> CheckedContinuation<CreatedSandbox, any Error>? in
            guard case .creating(let continuation, _) = state.sandboxes[id] else { return nil }
            state.sandboxes[id] = .abandoned
            killNow(id, &state)
            return continuation
        }
        continuation?.resume(throwing: CancellationError())
        wakeIfBlocked()
    }

    /// Waits for a living sandbox no longer. It stays in the table until the warden says that it is gone.
    func giveUp(_ id: SandboxID, _ failure: StageFailure) {
        let queue = state.withLock { state -> SandboxEventQueue? in
            guard case .living(let queue) = state.sandboxes[id] else { return nil }
            killNow(id, &state)
            state.sandboxes[id] = .abandoned
            return queue
        }
        queue?.fail(failure)
        wakeIfBlocked()
    }

    /// How many sandboxes have been given up and are still not gone, as far as the warden has said.
    var abandonedCount: Int {
        state.withLock { state in
            state.sandboxes.values.reduce(0) { if case .abandoned = $1 { $0 + 1 } else { $0 } }
        }
    }

    /// Ends a living sandbox for a reason of this side.
    func kill(_ id: SandboxID) {
        state.withLock { state in
            if case .living = state.sandboxes[id] { killNow(id, &state) }
        }
        wakeIfBlocked()
    }

    func newSandboxID() -> SandboxID {
        state.withLock { state in
            defer { state.nextSandbox += 1 }
            return state.nextSandbox
        }
    }

    /// Tells the warden that this is the end; its thread waits for what comes of it.
    func requestClose() {
        let deadline = ContinuousClock.now + deadlines.exit
        state.withLock { state in
            switch state.phase {
            case .closing, .ended: return
            case .greeting, .ready: break
            }
            state.phase = .closing(deadline: deadline)
            state.outgoing = []
            state.blockedSince = nil
            // The warden reads end of file, and can still say how its sandboxes ended.
            shutdown(socket.number, Int32(SHUT_WR))
        }
        wake()
    }

    /// Asks how it is going. Does nothing before the welcome and after the end.
    /// - Returns: an error that ends the connection.
    func inquire() -> WardenError? {
        state.withLock { state -> WardenError? in
            guard case .ready = state.phase, let bytes = try? Request.inquire.encoded() else { return nil }
            do throws(WardenError) {
                try enqueue(OutgoingPacket(bytes: bytes, descriptor: nil), &state)
                return nil
            } catch {
                return error
            }
        }
    }

    var isReady: Bool {
        state.withLock { if case .ready = $0.phase { true } else { false } }
    }

    // MARK: - Sending, under the lock

    /// Sends a packet now if the buffer has room for it, later otherwise, never out of order.
    func enqueue(_ packet: OutgoingPacket, _ state: inout WardenState) throws(WardenError) {
        if state.outgoing.isEmpty {
            if try transmit(packet) { return }
            state.blockedSince = .now
        }
        guard state.outgoing.count < Self.maximumOutgoing else {
            throw .unresponsive(queued: state.outgoing.count)
        }
        state.outgoing.append(packet)
    }

    /// Sends what waits, as far as the buffer has room.
    func flush() -> WardenError? {
        state.withLock { state in
            var sent = 0
            defer {
                state.outgoing.removeFirst(sent)
                if state.outgoing.isEmpty { state.blockedSince = nil } else if sent > 0 { state.blockedSince = .now }
            }
            do throws(WardenError) {
                for packet in state.outgoing {
                    guard try transmit(packet) else { return nil }
                    sent += 1
                }
                return nil
            } catch {
                return error
            }
        }
    }

    private func killNow(_ id: SandboxID, _ state: inout WardenState) {
        guard case .ready = state.phase, let bytes = try? Request.kill(id, .cancelled).encoded() else { return }
        // A queue that is full ends the connection, and the sandbox with it, before long.
        try? enqueue(OutgoingPacket(bytes: bytes, descriptor: nil), &state)
    }

    /// - Returns: false when the socket's buffer is full.
    private func transmit(_ packet: OutgoingPacket) throws(WardenError) -> Bool {
        func send(_ descriptors: [Int32]) -> SystemCallError? {
            do throws(SystemCallError) {
                try PacketSocket.send(packet.bytes, descriptors: descriptors, on: socket.number, wait: false)
                return nil
            } catch {
                return error
            }
        }
        let failure: SystemCallError?
        if let descriptor = packet.descriptor {
            failure = descriptor.withNumber { send([$0]) } ?? SystemCallError("sendmsg", errno: EBADF)
        } else {
            failure = send([])
        }
        switch failure?.errno {
        case nil: return true
        case EAGAIN, ENOBUFS: return false
        // The peer has gone; the thread finds out by itself, and learns more about it.
        case EPIPE, ECONNRESET: return true
        default: throw .system(failure ?? SystemCallError("sendmsg", errno: EIO))
        }
    }

    private func wakeIfBlocked() {
        if state.withLock({ !$0.outgoing.isEmpty }) { wake() }
    }
}
