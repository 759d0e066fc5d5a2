internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Synchronization
internal import WardenProtocol

/// What the thread of a connection does: reads messages, sends those that had to wait, and sees the warden to its end.
struct WardenLoop: ~Copyable, Sendable {
    /// How to clean up after a warden that did not do it itself.
    struct Sweep: Sendable {
        let executable: String
        let arguments: [String]
    }

    let channel: WardenChannel
    /// nil for a warden that another process started.
    private var process: WardenProcess?
    /// The read end of the warden's stderr.
    private let standardError: OwnedDescriptor?
    private let sweep: Sweep?
    private var lastWords: [UInt8] = []
    /// No process holds the other end of stderr any more; polling it would return immediately, for ever.
    private var isSilent = false
    private var welcomeBy = ContinuousClock.Instant.now
    private var heartbeat: Heartbeat

    private static let maximumLastWords = 4096
    /// The most packets taken between two looks at everything else.
    private static let batch = 64

    init(
        channel: WardenChannel, process: consuming WardenProcess?, standardError: consuming OwnedDescriptor?,
        sweep: Sweep?
    ) {
        self.channel = channel
        self.process = process
        self.standardError = standardError
        self.sweep = sweep
        heartbeat = Heartbeat(
            interval: channel.deadlines.inquiry, timeout: channel.deadlines.answer, startedAt: .now)
    }

    /// Runs until the connection has ended and everybody has been told.
    mutating func run() {
        conclude(serve())
    }

    /// Ends the warden immediately, for want of a thread to run on.
    mutating func abandon() {
        _ = awaitExit(until: .now)
    }

    /// The first thing to do on the thread.
    mutating func greet() {
        welcomeBy = .now + channel.deadlines.welcome
        heartbeat = Heartbeat(
            interval: channel.deadlines.inquiry, timeout: channel.deadlines.answer, startedAt: .now)
        do {
            let hello = try Request.hello(version: WardenProtocolLimits.version).encoded()
            try PacketSocket.send(hello, on: channel.socket.number, wait: false)
        } catch {
            // A peer that is gone already is noticed below.
        }
    }

    /// What to wait for besides messages.
    func plan() -> (wantsToSend: Bool, deadline: ContinuousClock.Instant) {
        var (wantsToSend, deadline) = channel.plan(welcomeBy: welcomeBy)
        if channel.isReady { deadline = min(deadline, heartbeat.deadline) }
        return (wantsToSend, deadline)
    }

    /// Does what there is to do, without waiting.
    ///
    /// - Parameters:
    ///   - socket: what poll(2) says of the socket.
    ///   - isWoken: whether the channel has asked for a look.
    ///   - hasExited: whether the process has ended. It says nothing more, but what it said may still be unread.
    /// - Returns: the error that ends the connection.
    mutating func turn(socket: Int16, isWoken: Bool, hasExited: Bool) -> WardenError? {
        if isWoken { drainWakes() }
        if socket & Int16(POLLOUT) != 0, let error = channel.flush() { return error }
        if hasExited || socket & ~Int16(POLLOUT) != 0 {
            if let error = receive(all: hasExited) { return error }
            if hasExited { return .disconnected }
            heartbeat.heard()
        }
        return channel.overdue(welcomeBy: welcomeBy) ?? beat()
    }

    private mutating func serve() -> WardenError {
        greet()
        while true {
            let (wantsToSend, deadline) = plan()
            var watched = [
                pollfd(
                    fd: channel.socket.number, events: Int16(POLLIN) | (wantsToSend ? Int16(POLLOUT) : 0), revents: 0),
                pollfd(fd: channel.wakes.first.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorNumber, events: Int16(POLLIN), revents: 0),
                pollfd(fd: processNumber, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&watched, nfds_t(watched.count), PollTimeout.milliseconds(until: deadline))
            if count < 0, lastErrno != EINTR { return .system(SystemCallError("poll", errno: lastErrno)) }
            if watched[2].revents != 0 { listen() }
            if let error = turn(
                socket: watched[0].revents, isWoken: watched[1].revents != 0, hasExited: watched[3].revents != 0)
            {
                return error
            }
        }
    }

    /// - Returns: the error of a warden that stands still.
    private mutating func beat() -> WardenError? {
        guard channel.isReady else { return nil }
        switch heartbeat.tick(at: .now) {
        case .nothing: return nil
        case .ask: return channel.inquire()
        case .giveUp: return .silent(after: channel.deadlines.answer)
        }
    }

    private var errorNumber: Int32 {
        if isSilent { return -1 }
        switch standardError {
        case .some(let pipe): return pipe.number
        case .none: return -1
        }
    }

    private var processNumber: Int32 {
        switch process {
        case .some(let process): process.descriptor.number
        case .none: -1
        }
    }

    private func drainWakes() {
        while (try? PacketSocket.receive(on: channel.wakes.first.number, limit: 1, maximumDescriptors: 0, wait: false))
            != nil
        {}
    }

    /// Takes packets until there is none, or some of them at a time.
    /// - Returns: the error that ends the connection, end of file being one.
    private func receive(all: Bool) -> WardenError? {
        var taken = 0
        while all || taken < Self.batch {
            taken += 1
            do throws(SystemCallError) {
                let packet = try PacketSocket.receive(
                    on: channel.socket.number, limit: WardenProtocolLimits.maximumMessageBytes,
                    maximumDescriptors: WardenProtocolLimits.maximumDescriptors, wait: false)
                if packet.bytes.isEmpty { return .disconnected }
                if let error = channel.receive(packet) { return error }
            } catch {
                switch error.errno {
                case EAGAIN: return nil
                case ECONNRESET: return .disconnected
                case EMSGSIZE:
                    return .protocolViolation(
                        "a message of more than \(WardenProtocolLimits.maximumMessageBytes) bytes, or with more than "
                            + "\(WardenProtocolLimits.maximumDescriptors) descriptors (or none left for them here)")
                default: return .system(error)
                }
            }
        }
        return nil
    }

    /// Reads what there is of the warden's stderr and keeps the end of it.
    private mutating func listen() {
        var buffer = [UInt8](repeating: 0, count: Self.maximumLastWords)
        // The pipe was found readable or hung up, so this does not block.
        let count = read(errorNumber, &buffer, buffer.count)
        guard count > 0 else {
            isSilent = true
            return
        }
        lastWords += buffer.prefix(count)
        lastWords.removeFirst(max(0, lastWords.count - Self.maximumLastWords))
    }

    // MARK: - The end

    /// Ends the warden, cleans up after it where it did not, and tells everybody who waits. Blocks where there is a process.
    mutating func conclude(_ error: WardenError) {
        let phase = channel.stop(error)
        shutdown(channel.socket.number, Int32(SHUT_RDWR))
        var final = error
        var exitBy = ContinuousClock.now + channel.deadlines.exit
        if case .closing(let deadline) = phase {
            final = .closed
            exitBy = deadline
        }
        switch error {
        // It has shown that it does not listen.
        case .noWelcome, .unresponsive, .silent: exitBy = .now
        default: break
        }
        var left: [String] = []
        if let status = awaitExit(until: exitBy) {
            if final == .disconnected { final = .exited(status, standardError: spoken) }
            if status != .exited(0), let trouble = sweepUp() {
                left.append(trouble)
                if case .exited(_, let words) = final {
                    final = .exited(status, standardError: words.isEmpty ? trouble : words + "; " + trouble)
                }
            }
        }
        if let pid = stuck { left.append("the warden (pid \(pid)) has not ended in spite of SIGKILL") }
        left = ([spoken] + left).filter { !$0.isEmpty }
        channel.remains.withLock { $0 = left.joined(separator: "; ") }
        channel.failAll(final)
    }

    private var spoken: String {
        String(decoding: lastWords, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: " | ")
    }

    /// The process, when it has been killed and does not end.
    private var stuck: Int32? {
        switch process {
        case .some(let process): process.isReaped ? nil : process.pid
        case .none: nil
        }
    }

    /// Waits for the end of the process, kills it when `deadline` has passed, and reaps it.
    /// - Returns: how it ended; nil when there is none, and when it does not end: what is stuck in the kernel must not
    ///   hold up whoever waits for this.
    private mutating func awaitExit(until deadline: ContinuousClock.Instant) -> ExitStatus? {
        guard processNumber >= 0 else { return nil }
        var killedAt: ContinuousClock.Instant?
        while true {
            if let status = process?.reap() {
                drainLastWords()
                return status
            }
            if killedAt == nil, ContinuousClock.now >= deadline {
                killedAt = .now
                process?.terminate()
            }
            let end = killedAt.map { $0 + channel.deadlines.kill }
            if let end, ContinuousClock.now >= end { return nil }
            var watched = [
                pollfd(fd: processNumber, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorNumber, events: Int16(POLLIN), revents: 0),
            ]
            // A warden that fills its stderr must not wait for us while we wait for it.
            _ = poll(&watched, 2, PollTimeout.milliseconds(until: end ?? deadline))
            if watched[1].revents != 0 { listen() }
        }
    }

    private mutating func drainLastWords() {
        while true {
            var watched = pollfd(fd: errorNumber, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 0) == 1, watched.revents & Int16(POLLIN) != 0 else { return }
            listen()
        }
    }

    /// Lets a fresh process remove what a dead warden left behind.
    /// - Returns: what went wrong with that.
    private func sweepUp() -> String? {
        guard let sweep else { return nil }
        do throws(WardenError) {
            var child = try WardenProcess(
                executable: sweep.executable, arguments: ["--sweep"] + sweep.arguments, socket: -1, standardError: -1)
            let status = child.wait(until: .now + channel.deadlines.sweep)
            if status == nil {
                child.terminate()
                _ = child.wait(until: .now + .seconds(1))
            }
            return status == .exited(0) ? nil : "sweeping after it failed"
        } catch {
            return "sweeping after it failed: \(error)"
        }
    }
}
