internal import Glibc
internal import LinuxSystem

/// Bytes both ways.
extension EgressConnection {
    private static let turnBytes = 65_536

    /// Moves what can be moved now.
    ///
    /// - Returns: false when it is over.
    func relay() -> Bool {
        guard let server else { return false }
        guard write(&outward, to: server.number), write(&inward, to: client.number) else { return false }
        guard readClient(), readServer(server.number) else { return false }
        guard write(&outward, to: server.number), write(&inward, to: client.number) else { return false }
        return finish(server.number)
    }

    private func write(_ flow: inout EgressFlow, to socket: Int32) -> Bool {
        switch flow.write(to: socket) {
        case .bytes(let count):
            if count > 0 { touch() }
            return true
        case .later, .end: return true
        case .failed: return false
        }
    }

    private func readClient() -> Bool {
        guard outward.room > 0, held.count < TLSServerName.maximumBytes else { return true }
        var bytes: [UInt8] = []
        switch read(client.number, room: outward.room, into: &bytes) {
        case .later: return true
        case .failed: return false
        case .end:
            // A client that hangs up within its greeting has said nothing that may go on.
            guard held.isEmpty else { return false }
            // A request that is not whole is none.
            if case .http? = request?.kind { return false }
            outward.isEnded = true
            return true
        case .bytes:
            touch()
            return takeOutward(bytes)
        }
    }

    /// What a client has sent goes on as far as the screen lets it.
    func takeOutward(_ more: [UInt8]) -> Bool {
        let bytes = held + more
        guard !bytes.isEmpty || screen.isOver else { return true }
        switch screen.look(at: bytes) {
        case .hold: held = bytes
        case .refuse(let reason):
            note(reason)
            return false
        case .pass(let count, let isLast):
            held = []
            outward.append(bytes[..<count])
            state.move(outward: count)
            if isLast { outward.isEnded = true }
        }
        return true
    }

    private func readServer(_ number: Int32) -> Bool {
        guard inward.room > 0 else { return true }
        var bytes: [UInt8] = []
        switch read(number, room: inward.room, into: &bytes) {
        case .later: return true
        case .failed: return false
        case .end:
            inward.isEnded = true
            return true
        case .bytes(let count):
            touch()
            state.move(inward: count)
            guard case .http? = request?.kind else {
                inward.append(bytes)
                return true
            }
            do throws(HTTPError) {
                inward.append(try response.take(bytes))
                return true
            } catch {
                note(.protocol)
                return false
            }
        }
    }

    /// Reads no more than what may be moved.
    private func read(_ number: Int32, room: Int, into bytes: inout [UInt8]) -> SocketCalls.Result {
        let most = state.allowance(min(room, Self.turnBytes))
        guard most > 0 else {
            // Only whoever has more to say is over its bound.
            var probe = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            guard poll(&probe, 1, 0) == 1 else { return .later }
            note(.bytes)
            return .failed(EDQUOT)
        }
        return SocketCalls.read(number, most: most, into: &bytes)
    }

    /// Passes on that one side has ended, when all that it sent has gone.
    private func finish(_ number: Int32) -> Bool {
        if outward.isDone, !outward.isShut {
            outward.isShut = true
            // The end of a request is said by its length; some servers take a half-closed connection for one that is lost.
            if case .http? = request?.kind {} else { SocketCalls.endWriting(number) }
        }
        if inward.isDone, !inward.isShut {
            inward.isShut = true
            SocketCalls.endWriting(client.number)
            if case .http? = request?.kind { return farewell() }
        }
        return !(outward.isShut && inward.isShut)
    }

    /// The response is whole: the client has it, and may read it.
    private func farewell() -> Bool {
        server?.close()
        server = nil
        phase = .leaving
        phaseUntil = monotonicNow() + times.farewell
        return true
    }
}
