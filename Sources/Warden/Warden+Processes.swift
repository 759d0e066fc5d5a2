internal import CSandbox
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// Processes of sandboxes that have them, and connections into such sandboxes. pid 1 does it; who asks is always answered.
extension Warden {
    func spawn(_ process: ProcessNumber, _ job: Job, _ options: SpawnOptions, in sandbox: Sandbox) {
        do throws(StageFailure) {
            guard sandbox.isRunning, sandbox.spec.hasProcesses else {
                throw StageFailure(stage: "request", errno: EBUSY, object: "the sandbox takes no processes")
            }
            guard sandbox.spawning[process] == nil else {
                throw StageFailure(stage: "request", errno: EEXIST, object: "process \(process) is being started")
            }
            guard sandbox.spawning.count < SandboxSpec.maximumProcesses else {
                throw StageFailure(stage: "program_fork", errno: EAGAIN, object: "too many processes are being started")
            }
            try order(process, job, options, in: sandbox)
        } catch {
            send(.spawnFailed(sandbox.id, process, error))
        }
    }

    private func order(
        _ process: ProcessNumber, _ job: Job, _ options: SpawnOptions, in sandbox: Sandbox
    ) throws(StageFailure) {
        do throws(SystemCallError) {
            let streams = options.terminal == nil ? try Self.makeStreams(of: sandbox.hostID) : (theirs: [], ours: [])
            try PacketSocket.send(
                ControlOrder.spawn(process, job, options, cpu: sandbox.lifecycle.evidence.limits[.cpu]),
                descriptors: streams.theirs.map(\.number), on: sandbox.control.number, wait: false)
            sandbox.spawning[process] = streams.ours
        } catch {
            throw StageFailure(stage: "request", errno: error.errno, object: "\(error.call) \(error.object)")
        }
    }

    func dial(_ dial: DialNumber, _ port: UInt16, in sandbox: Sandbox) {
        guard sandbox.isRunning, sandbox.spec.hasProcesses else {
            return send(.dialed(sandbox.id, dial, errno: ENETUNREACH))
        }
        if !sendControl(ControlOrder.dial(dial, port), to: sandbox) {
            send(.dialed(sandbox.id, dial, errno: EAGAIN))
        }
    }

    // MARK: - What pid 1 says

    /// Processes can be started now.
    func held(_ sandbox: Sandbox, _ message: consuming ControlMessage) {
        send(.started(sandbox.id))
        let tables = Self.takeAll(&message)
        send(.listening(sandbox.id), descriptors: tables.map(\.number))
    }

    func spawned(_ message: consuming ControlMessage, in sandbox: Sandbox) {
        let process = ProcessNumber(truncatingIfNeeded: message.value)
        guard var streams = sandbox.spawning.removeValue(forKey: process) else { return }
        if streams.isEmpty { streams = Self.takeAll(&message) }
        send(.spawned(sandbox.id, process), descriptors: streams.map(\.number))
    }

    func spawnFailed(_ message: borrowing ControlMessage, in sandbox: Sandbox) {
        let process = ProcessNumber(truncatingIfNeeded: message.value)
        guard sandbox.spawning.removeValue(forKey: process) != nil else { return }
        send(.spawnFailed(sandbox.id, process, StageFailure(message.failure, object: message.shownText)))
    }

    func exited(_ message: borrowing ControlMessage, in sandbox: Sandbox) {
        let (status, cpu, memory) = message.more
        send(
            .exited(
                sandbox.id, ProcessNumber(truncatingIfNeeded: message.value),
                ProcessEnd(status: ExitStatus(waitStatus: status), cpu: max(cpu, 0), memoryPeak: max(memory, 0))))
    }

    func dialed(_ message: consuming ControlMessage, in sandbox: Sandbox) {
        let (errno, _, _) = message.more
        let dial = DialNumber(truncatingIfNeeded: message.value)
        let sockets = Self.takeAll(&message)
        send(
            .dialed(sandbox.id, dial, errno: Int32(clamping: min(max(errno, 0), 4095))),
            descriptors: sockets.map(\.number))
    }

    static func takeAll(_ message: inout ControlMessage) -> [SharedDescriptor] {
        var all: [SharedDescriptor] = []
        while let descriptor = message.descriptors.take() { all.append(SharedDescriptor(descriptor)) }
        return all
    }
}
