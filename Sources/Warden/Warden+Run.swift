internal import CSandbox
internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// What the client and pid 1 of a sandbox say, and the limits of what runs.
extension Warden {
    /// No closer together than this are two `usage` events of a sandbox.
    private static let usageInterval: Int64 = 200_000_000
    /// pid 1 takes five seconds at most; only a stalled machine needs longer.
    private static let collectionPatience: Int64 = 10_000_000_000

    /// How many files a job may start with.
    private static let maximumUploads = 1024

    // MARK: - The client

    func serveClient() {
        do {
            let packet = try PacketSocket.receive(
                on: client.number, limit: WardenProtocolLimits.maximumMessageBytes,
                maximumDescriptors: WardenProtocolLimits.maximumDescriptors)
            if packet.bytes.isEmpty { return beginEnd() }
            let request = try coder.request(decoding: packet.bytes)
            try request.check(descriptorCount: packet.descriptors.count)
            try obey(request, packet.takeDescriptors())
        } catch {
            // A client that breaks the protocol is broken or taken over; either way it gets nothing more.
            beginEnd()
        }
    }

    private func obey(_ request: Request, _ descriptors: consuming DescriptorList) throws(ProtocolError) {
        if case .hello(let version) = request {
            greeted = true
            tell(.welcome(version: WardenProtocolLimits.version, pid: getpid()))
            if version != WardenProtocolLimits.version { beginEnd() }
            return
        }
        guard greeted else { throw ProtocolError(field: "tag", found: "no hello", allowed: "hello first") }
        switch request {
        case .hello: break
        case .inquire: tell(.status(status()))
        case .create(let id, let spec):
            // Not `refused`: that would say that the living one is gone.
            guard sandboxes[id] == nil else {
                throw ProtocolError(field: "create.id", found: "\(id), which lives", allowed: "an id that is free")
            }
            create(id, spec)
        case .upload(let id, let path, let executable):
            guard let contents = descriptors.takeShared() else { return }
            withParked(id, "upload") { sandbox throws(StageFailure) in
                try upload(contents, to: sandbox, path, executable: executable)
            }
        case .start(let id, let job, let times):
            withParked(id, "job") { sandbox throws(StageFailure) in
                if let times { try change(sandbox, times) }
                try start(sandbox, job)
            }
        case .kill(let id, let reason):
            guard let sandbox = sandboxes[id] else { return }
            if case .collecting = sandbox.phase {
                sandbox.collectionWaiver = "and more: the run was cancelled while collecting"
            }
            switch reason {
            case .cancelled: end(sandbox, .cancelled)
            case .output(let bytes): end(sandbox, .output(bytes: bytes))
            }
        case .signal(let id, let number):
            guard let sandbox = sandboxes[id], sandbox.isRunning else { return }
            // EPIPE or ECONNRESET: it is ending, and says so itself. EAGAIN: hundreds are waiting to be sent already.
            do throws(SystemCallError) {
                try PacketSocket.send(ControlOrder.signal(number), on: sandbox.control.number, wait: false)
            } catch {}
        case .resize(let id, let size):
            guard let terminal = sandboxes[id]?.terminal.borrowedNumber else { return }
            do throws(SystemCallError) { try Terminal.resize(terminal, rows: size.rows, columns: size.columns) } catch {
            }
        case .probe(let id):
            // One at a time: pid 1 looks once for however many questions.
            guard let sandbox = sandboxes[id], sandbox.isRunning, !sandbox.isProbed else { return }
            do throws(SystemCallError) {
                try PacketSocket.send(ControlOrder.probe, on: sandbox.control.number, wait: false)
                sandbox.isProbed = true
            } catch {}
        case .activity(let id):
            guard let sandbox = sandboxes[id], case .running(var tracker) = sandbox.phase else { return }
            let now = monotonicNow()
            tracker.activity(at: now)
            sandbox.watch(with: tracker, after: now)
        }
    }

    /// Does something to a parked sandbox. One that is gone has told the client so already.
    private func withParked(_ id: SandboxID, _ stage: String, _ body: (Sandbox) throws(StageFailure) -> Void) {
        guard let sandbox = sandboxes[id] else { return }
        do throws(StageFailure) {
            switch sandbox.phase {
            case .collecting, .ending, .removing, .quarantined: return
            case .parked: try body(sandbox)
            case .forking, .preparing, .running:
                throw StageFailure(stage: stage, errno: EBUSY, object: "the sandbox is not parked")
            }
        } catch {
            if sandbox.evidence.failure == nil { sandbox.evidence.failure = error }
            end(sandbox, .shutdown)
        }
    }

    private func upload(
        _ contents: SharedDescriptor, to sandbox: Sandbox, _ path: BoxPath, executable: Bool
    ) throws(StageFailure) {
        do throws(SystemCallError) {
            // A file that could change while it is copied, or never end, is not taken.
            guard MemoryFile.isSealed(contents.number) else {
                throw SystemCallError("fcntl(F_GET_SEALS)", errno: EINVAL)
            }
            let size = try Files.status(of: contents.number).size
            guard size <= sandbox.spec.limits[.disk] else { throw SystemCallError("upload", errno: EFBIG) }
            guard sandbox.uploads < Self.maximumUploads else { throw SystemCallError("upload", errno: E2BIG) }
        } catch {
            throw StageFailure(stage: "upload", errno: error.errno, object: path.description)
        }
        sandbox.uploads += 1
        sandbox.backlog.append(
            Sandbox.Order(
                bytes: ControlOrder.upload(path, executable: executable), contents: contents, job: nil,
                object: path.description))
        flush(sandbox)
    }

    /// Sends pid 1 what it has room for; the rest stays for the next look.
    func flush(_ sandbox: Sandbox) {
        var sent = 0
        do throws(StageFailure) {
            for order in sandbox.backlog {
                do throws(SystemCallError) {
                    let now = order.job == nil ? 0 : monotonicNow()
                    if order.job != nil { sandbox.baseline = try sandbox.leaf.sample().cpu }
                    try PacketSocket.send(
                        order.bytes, descriptors: order.contents.map { [$0.number] } ?? [],
                        on: sandbox.control.number, wait: false)
                    sent += 1
                    if let job = order.job {
                        sandbox.isCollectionDue = !job.artifacts.patterns.isEmpty
                        begin(sandbox, at: now)
                    }
                } catch {
                    if error.errno == EAGAIN { break }
                    throw StageFailure(
                        stage: order.job == nil ? "upload" : "job", errno: error.errno, object: order.object)
                }
            }
            sandbox.backlog.removeFirst(sent)
        } catch {
            sandbox.backlog = []
            // pid 1 that has failed says why itself, and is heard before its end is acted on.
            if sandbox.evidence.failure == nil && error.errno != EPIPE && error.errno != ECONNRESET {
                sandbox.evidence.failure = error
            }
            end(sandbox, .shutdown)
            return
        }
        if sandbox.backlog.isEmpty && !sandbox.isRunning {
            timed.remove(sandbox.id)
        } else {
            timed.insert(sandbox.id)
        }
    }

    /// pid 1 has orders to take. One that does not take them for as long as it may take to be made is stuck.
    func lookAtBacklog(of sandbox: Sandbox, at now: Int64) {
        if now - sandbox.heededAt > configuration.preparationSeconds * 1_000_000_000, let order = sandbox.backlog.first
        {
            sandbox.backlog = []
            if sandbox.evidence.failure == nil {
                sandbox.evidence.failure = StageFailure(
                    stage: order.job == nil ? "upload" : "job", errno: ETIMEDOUT, object: order.object)
            }
            return end(sandbox, .shutdown)
        }
        flush(sandbox)
    }

    /// The limits that are kept by watching are those of the job.
    private func change(_ sandbox: Sandbox, _ times: TimeLimits) throws(StageFailure) {
        let limits: Limits
        do throws(InvalidLimit) { limits = try times.applied(to: sandbox.spec.limits) } catch {
            throw StageFailure(stage: "job", errno: ERANGE, object: error.description)
        }
        if let name = limits.exceeding(configuration.ceiling) {
            throw StageFailure(stage: "job", errno: EPERM, object: "limit \(name.rawValue), which is over the ceiling")
        }
        sandbox.spec.limits = limits
        sandbox.evidence.limits = limits
    }

    private func start(_ sandbox: Sandbox, _ job: Job) throws(StageFailure) {
        guard !sandbox.backlog.contains(where: { $0.job != nil }) else {
            throw StageFailure(stage: "job", errno: EBUSY, object: "the sandbox has a job")
        }
        sandbox.backlog.append(
            Sandbox.Order(
                bytes: ControlOrder.start(job, cpu: sandbox.spec.limits[.cpu]), contents: nil, job: job, object: "start"
            ))
        flush(sandbox)
    }

    /// The program has been let go.
    private func begin(_ sandbox: Sandbox, at now: Int64) {
        sandbox.startedAt = now
        sandbox.reportedAt = now
        let tracker = LimitTracker(
            limits: sandbox.spec.limits, warnAt: sandbox.spec.warnAt, startedAt: now, processors: processors,
            cpuQuota: CPUBandwidth(millicpus: sandbox.spec.limits[.cpus]).quotaNanoseconds)
        sandbox.watch(with: tracker, after: now)
    }

    // MARK: - pid 1

    func hear(_ sandbox: Sandbox) {
        do throws(SystemCallError) {
            guard let message = try ControlMessage.receive(on: sandbox.control.number) else {
                // Its end is noticed by its pidfd.
                forget(sandbox.control.number, sandbox.tokens.control)
                sandbox.tokens.control = nil
                return
            }
            take(message, from: sandbox)
        } catch {
            if error.errno == EAGAIN { return }
            forget(sandbox.control.number, sandbox.tokens.control)
            sandbox.tokens.control = nil
            // pid 1 has ended with an order of ours unread: no failure of its own. What it said before comes next.
            if error.errno == ECONNRESET { return drain(sandbox) }
            if sandbox.evidence.failure == nil {
                sandbox.evidence.failure = StageFailure(stage: "control", errno: error.errno)
            }
            end(sandbox, .shutdown)
        }
    }

    /// Takes what pid 1 said before it ended.
    func drain(_ sandbox: Sandbox) {
        var wasReset = false
        while true {
            do throws(SystemCallError) {
                guard let message = try ControlMessage.receive(on: sandbox.control.number) else { return }
                take(message, from: sandbox)
            } catch {
                // The kernel tells of the reset once, before what is still in the queue.
                guard error.errno == ECONNRESET, !wasReset else { return }
                wasReset = true
            }
        }
    }

    private func take(_ message: consuming ControlMessage, from sandbox: Sandbox) {
        switch Int32(bitPattern: message.type) {
        case Int32(NESTBOX_READY.rawValue): park(sandbox, message)
        case Int32(NESTBOX_STARTED.rawValue): tell(.started(sandbox.id))
        case Int32(NESTBOX_FAILED.rawValue):
            if sandbox.evidence.failure == nil {
                sandbox.evidence.failure = StageFailure(message.failure, object: message.shownText)
            }
        case Int32(NESTBOX_EXITED.rawValue):
            sandbox.evidence.ended(ExitStatus(waitStatus: message.value))
            sandbox.ownMemory = max(sandbox.ownMemory, message.more.0)
            sandbox.evidence.hasFullFile = message.more.1 != 0
            account(sandbox)
            if sandbox.isRunning {
                // Not looked at for limits any more; nothing of the program is left.
                let now = monotonicNow()
                sandbox.phase = .collecting(deadline: now + Self.collectionPatience)
                timed.insert(sandbox.id)
                brake.note(at: now)
                sandbox.isRemainderDue = message.more.2 != 0
                if !sandbox.isCollectionDue, !sandbox.isRemainderDue { reportEarly(sandbox) }
            }
        case Int32(NESTBOX_INPUT.rawValue):
            sandbox.isProbed = false
            if sandbox.isRunning { tell(.input(sandbox.id, isAwaited: message.value != 0)) }
        case Int32(NESTBOX_COLLECTED.rawValue):
            sandbox.isCollectionDue = false
            sandbox.isRemainderDue = false
            if case .collecting = sandbox.phase {
                // With something left that cannot be ended, nothing more is to be expected of pid 1 either.
                if message.value != 0 { sandbox.phase = .collecting(deadline: monotonicNow() + 1_000_000_000) }
                reportEarly(sandbox)
            }
        case Int32(NESTBOX_ARTIFACT.rawValue): handOver(sandbox, message)
        case Int32(NESTBOX_SKIPPED.rawValue):
            let parts = message.text.split(separator: 0, maxSplits: 1)
            tell(
                .artifactSkipped(
                    sandbox.id, name: ControlMessage.shown(parts.first ?? []),
                    reason: parts.count > 1 ? ControlMessage.shown(parts[1]) : ""))
        default: break
        }
    }

    private func park(_ sandbox: Sandbox, _ message: consuming ControlMessage) {
        guard case .preparing = sandbox.phase else { return }
        timed.remove(sandbox.id)
        sandbox.disk = message.descriptors.take()
        sandbox.phase = .parked
        sandbox.isCreated = true
        if sandbox.spec.terminal == nil {
            tell(.created(sandbox.id), descriptors: sandbox.streams.map(\.number))
        } else if let terminal = message.descriptors.take() {
            tell(.created(sandbox.id), descriptors: [terminal.number])
            sandbox.terminal = consume terminal
        }
        // The client has them now. Ours would hide the hang-up.
        sandbox.streams = []
    }

    private func handOver(_ sandbox: Sandbox, _ message: consuming ControlMessage) {
        let name = message.shownText
        let bytes = message.value
        let text = message.text
        guard let file = message.descriptors.take() else { return }
        do throws(InvalidBoxPath) {
            // A name that is not UTF-8 would change on the way, and then name another file.
            guard let path = String(validating: text, as: UTF8.self) else {
                return tell(.artifactSkipped(sandbox.id, name: name, reason: "has a name that is not UTF-8"))
            }
            tell(.artifact(sandbox.id, try BoxPath(path), bytes: bytes), descriptors: [file.number])
        } catch {
            tell(.artifactSkipped(sandbox.id, name: name, reason: error.reason))
        }
    }

    // MARK: - Limits

    func check(_ sandbox: Sandbox, _ tracker: LimitTracker, at now: Int64) {
        var tracker = tracker
        do throws(SystemCallError) {
            let sample = try sandbox.sample()
            let actions = tracker.record(sample, at: now)
            sandbox.watch(with: tracker, after: now)
            for action in actions {
                switch action {
                case .warn(let hit): tell(.warning(sandbox.id, hit))
                case .kill(let hit):
                    // What pid 1 has said already counts before what the clock says.
                    drain(sandbox)
                    guard sandbox.isRunning else { return }
                    end(sandbox, .limit(hit))
                }
            }
            if sandbox.isRunning && now - sandbox.reportedAt >= Self.usageInterval {
                sandbox.reportedAt = now
                tell(.usage(sandbox.id, sandbox.usage(sample, try sandbox.leaf.detail(limitHits: false), at: now)))
            }
        } catch {
            // A limit that cannot be watched is a limit that is not there.
            if sandbox.evidence.failure == nil {
                sandbox.evidence.failure = StageFailure(stage: "sample", errno: error.errno, object: error.object)
            }
            end(sandbox, .shutdown)
        }
    }

    func memoryIsShort(_ sandbox: Sandbox) {
        // Reading clears the signal.
        do throws(SystemCallError) { _ = try sandbox.leaf.oomKills() } catch {}
        guard case .running(var tracker) = sandbox.phase else { return }
        let now = monotonicNow()
        tracker.memoryIsShort(at: now)
        check(sandbox, tracker, at: now)
    }
}

extension ExitStatus {
    /// A wait status as waitpid(2) stores it.
    init(waitStatus: Int64) {
        let status = UInt32(truncatingIfNeeded: waitStatus)
        let signal = UInt8(status & 0x7f)
        self = signal == 0 ? .exited(UInt8(status >> 8 & 0xff)) : .signaled(signal)
    }
}
