internal import CSandbox
internal import Cgroups
internal import Confinement
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// What pid 1 of a sandbox says.
extension Warden {
    func receive(from sandbox: Sandbox) {
        do throws(SystemCallError) {
            guard let message = try ControlMessage.receive(on: sandbox.control.number) else {
                // Its end is noticed by its pidfd.
                return closeControl(of: sandbox)
            }
            handle(message, from: sandbox)
        } catch {
            if error.errno == EAGAIN { return }
            closeControl(of: sandbox)
            // pid 1 has ended with an order of ours unread: no failure of its own. What it said before comes next.
            if error.errno == ECONNRESET { return drain(sandbox) }
            handle(.controlFailed(StageFailure(stage: "control", errno: error.errno)), of: sandbox)
        }
    }

    private func closeControl(of sandbox: Sandbox) {
        forget(sandbox.control.number, sandbox.tokens.control)
        sandbox.tokens.control = nil
    }

    /// Reads what pid 1 said before it ended.
    func drain(_ sandbox: Sandbox) {
        var wasReset = false
        while true {
            do throws(SystemCallError) {
                guard let message = try ControlMessage.receive(on: sandbox.control.number) else { return }
                handle(message, from: sandbox)
            } catch {
                // The kernel reports the reset once, before what is still in the queue.
                guard error.errno == ECONNRESET, !wasReset else { return }
                wasReset = true
            }
        }
    }

    private func handle(_ given: consuming ControlMessage, from sandbox: Sandbox) {
        var message = given
        switch Int32(bitPattern: message.type) {
        case Int32(NESTBOX_READY.rawValue):
            guard sandbox.lifecycle.isPreparing else { return }
            sandbox.disk = message.descriptors.take()
            if sandbox.spec.terminal != nil { sandbox.terminal = message.descriptors.take() }
            if sandbox.spec.network == .egress { sandbox.listener = message.descriptors.take() }
            if sandbox.spec.isObserved { sandbox.observer = message.descriptors.take() }
            handle(.ready, of: sandbox)
        case Int32(NESTBOX_STARTED.rawValue):
            if sandbox.spec.hasProcesses { held(sandbox, message) } else { send(.started(sandbox.id)) }
        case Int32(NESTBOX_SPAWNED.rawValue): spawned(message, in: sandbox)
        case Int32(NESTBOX_SPAWN_FAILED.rawValue): spawnFailed(message, in: sandbox)
        case Int32(NESTBOX_EXITED_PROCESS.rawValue): exited(message, in: sandbox)
        case Int32(NESTBOX_DIALED.rawValue): dialed(message, in: sandbox)
        case Int32(NESTBOX_FAILED.rawValue):
            handle(.failureReported(StageFailure(message.failure, object: message.shownText)), of: sandbox)
        case Int32(NESTBOX_EXITED.rawValue):
            let status = ExitStatus(waitStatus: message.value)
            let (ownMemory, fullFiles, remainder) = message.more
            handle(
                .exited(
                    status, ownMemory: ownMemory, hasFullFile: fullFiles != 0, leavesRemainder: remainder != 0,
                    measure(sandbox, endedWith: status)), of: sandbox)
        case Int32(NESTBOX_INPUT.rawValue): handle(.inputAnswered(isAwaited: message.value != 0), of: sandbox)
        case Int32(NESTBOX_COLLECTED.rawValue): handle(.collected(isStuck: message.value != 0), of: sandbox)
        case Int32(NESTBOX_FILES_DONE.rawValue):
            let result = FilesResult(message)
            let files = Self.takeAll(&message)
            send(.files(sandbox.id, result), descriptors: files.map(\.number))
        case Int32(NESTBOX_ARTIFACT.rawValue): forwardArtifact(message, of: sandbox)
        case Int32(NESTBOX_SKIPPED.rawValue):
            let parts = message.text.split(separator: 0, maxSplits: 1)
            send(
                .artifactSkipped(
                    sandbox.id, name: ControlMessage.shown(parts.first ?? []),
                    reason: parts.count > 1 ? ControlMessage.shown(parts[1]) : ""))
        default: break
        }
    }

    func announceCreated(_ sandbox: Sandbox) {
        let streams: [Int32]
        if sandbox.spec.terminal == nil {
            streams = sandbox.streams.map(\.number)
        } else {
            streams = sandbox.terminal.borrowedNumber.map { [$0] } ?? []
        }
        let listener = sandbox.listener.borrowedNumber.map { [$0] } ?? []
        if sandbox.channel.isEmpty, !sandbox.spec.hasProcesses {
            var observation = sandbox.observer.borrowedNumber.map { [$0] } ?? []
            if let filter = sandbox.ordinaryFilter { observation.append(filter.number) }
            send(.created(sandbox.id), descriptors: streams + listener + observation)
        } else {
            do throws(SystemCallError) {
                try sandbox.leaf.withMeter { cpu, memory in
                    send(
                        .created(sandbox.id),
                        descriptors: streams + sandbox.channel.map(\.number) + [cpu, memory] + listener)
                }
            } catch {
                return handle(
                    .controlFailed(StageFailure(stage: "sample", errno: error.errno, object: error.object)), of: sandbox
                )
            }
        }
        // The client has them now. Ours would hide the hang-up.
        sandbox.streams = []
        sandbox.channel = []
        sandbox.listener = nil
        sandbox.observer = nil
        sandbox.ordinaryFilter = nil
    }

    private func forwardArtifact(_ message: consuming ControlMessage, of sandbox: Sandbox) {
        let name = message.shownText
        let bytes = message.value
        let text = message.text
        guard let file = message.descriptors.take() else { return }
        do throws(InvalidBoxPath) {
            // A name that is not UTF-8 would change on the way, and then name another file.
            guard let path = String(validating: text, as: UTF8.self) else {
                return send(.artifactSkipped(sandbox.id, name: name, reason: "has a name that is not UTF-8"))
            }
            send(.artifact(sandbox.id, try BoxPath(path), bytes: bytes), descriptors: [file.number])
        } catch {
            send(.artifactSkipped(sandbox.id, name: name, reason: error.reason))
        }
    }
}

extension FilesResult {
    /// What pid 1 says; within the bounds of the protocol, whatever it is.
    fileprivate init(_ message: borrowing ControlMessage) {
        let (files, bytes, skipped) = message.more
        self.init(
            errno: Int32(clamping: min(max(message.value, 0), 4095)), files: max(files, 0), bytes: max(bytes, 0),
            skipped: max(skipped, 0))
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
