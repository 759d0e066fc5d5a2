internal import Glibc
internal import LinuxSystem
internal import Reactor
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec
internal import SandboxSupply
internal import SessionExecution
internal import WardenClient
internal import WardenProtocol
internal import WorkspaceModel

/// The processes of a workspace: started, read, ended, started again.
extension WorkspaceMember {
    /// After 64 KiB at once: until the next portion is read. Nanoseconds.
    private static let pause: Int64 = 2_000_000
    /// Between two looks at the ports, while something runs.
    private static let scanPause: Int64 = 250_000_000
    /// Bytes of one table of sockets.
    private static let maximumTable = 1 << 20

    private var living: Int { running.values.count { $0.isAlive } + waiting.count }

    func start(_ process: WorkspaceProcess) throws(APIError) {
        guard phase == .open, ending == nil else { throw .workspaceStopped }
        guard living < plan.limits.processes else {
            throw APIError(
                .tooManyProcesses,
                "the workspace runs \(living) processes already, allowed are \(plan.limits.processes)", retryable: true)
        }
        spawn(process)
    }

    private func spawn(_ process: WorkspaceProcess) {
        guard let sandbox = lease?.sandbox else { return }
        lastNumber += 1
        let request = process.request
        let options = SpawnOptions(
            directory: request.directory.map { "/box/\($0)" } ?? "/box", terminal: request.terminal)
        do {
            try sandbox.spawn(
                lastNumber, Job(arguments: request.arguments, environment: process.environment), options)
            running[lastNumber] = RunningProcess(lastNumber, process)
        } catch {
            sink.changed(process.failed("\(error)", date: Timestamp.now()))
        }
    }

    func spawned(_ number: ProcessNumber, _ streams: ProgramStreams) {
        guard running[number] != nil else { return streams.close() }
        running[number]?.open(streams, now: now)
        if scanAt == .max, !tables.isEmpty { scanAt = now &+ Self.scanPause }
        if let process = running[number]?.process { sink.changed(process.started()) }
    }

    func spawnFailed(_ number: ProcessNumber, _ failure: StageFailure) {
        guard let one = running.removeValue(forKey: number) else { return }
        sink.changed(one.process.failed(Self.reason(failure, one.process.request), date: Timestamp.now()))
    }

    /// What a client can do about it.
    static func reason(_ failure: StageFailure, _ request: ProcessRequest) -> String {
        let program = request.arguments.first ?? ""
        switch (failure.stage, failure.errno) {
        case ("exec", ENOENT): return "\(program) was not found"
        case ("exec", EACCES): return "\(program) is not executable"
        case ("exec", ENOEXEC): return "\(program) is no program of this machine"
        case ("exec", E2BIG): return "the arguments and the environment are too long"
        case ("working_directory", _): return "there is no folder \(request.directory?.description ?? "/box")"
        case (_, EAGAIN): return "there are too many processes"
        default: return failure.description
        }
    }

    func exited(_ number: ProcessNumber, _ end: ProcessEnd) {
        guard running[number] != nil else { return }
        // What it has written is there already.
        for _ in 0..<16 where running[number]?.read(into: &buffer) == true {}
        running[number]?.end = end
        running[number]?.deadline = nil
        guard let process = running[number]?.process else { return }
        let (report, delay) = process.exited(end, date: Timestamp.now(), isLast: ending != nil || phase != .open)
        sink.changed(report)
        if let delay { waiting.append((process, now &+ delay)) }
        if running[number]?.hasOutput == false { drop(number) }
        // Others may still write to its outputs; not everybody's can be kept.
        let left = running.values.filter { !$0.isAlive }.map(\.number).sorted()
        for number in left.prefix(max(left.count - Self.maximumLeft, 0)) { drop(number) }
    }

    /// Nothing comes of it any more.
    private func drop(_ number: ProcessNumber) {
        running[number]?.closeAll()
        guard let one = running.removeValue(forKey: number) else { return }
        if one.process.isOver { one.process.log.end() }
    }

    /// The sandbox is gone, and all that was in it.
    func endAll() {
        for number in running.keys.sorted() {
            for _ in 0..<16 where running[number]?.read(into: &buffer) == true {}
            if running[number]?.isAlive == true, let process = running[number]?.process {
                let end = ProcessEnd(status: .signaled(UInt8(SIGKILL)), cpu: 0, memoryPeak: 0)
                sink.changed(process.exited(end, date: Timestamp.now(), isLast: true).0)
            }
            drop(number)
        }
        for one in waiting {
            one.process.isNotWanted()
            sink.changed(one.process.failed("the workspace was stopped", date: Timestamp.now()))
        }
        waiting = []
        scanAt = .max
    }

    // MARK: - Commands

    private func find(_ process: WorkspaceProcess) -> ProcessNumber? {
        running.values.first { $0.process === process && $0.isAlive }?.number
    }

    func signal(_ signal: UInt8, _ process: WorkspaceProcess, restarts: Bool) -> Bool {
        if restarts {
            process.isToRestart()
        } else if signal == SIGKILL || signal == SIGTERM || signal == SIGINT {
            process.isNotWanted()
        }
        if let index = waiting.firstIndex(where: { $0.process === process }) {
            if restarts {
                waiting[index].at = now
            } else {
                waiting.remove(at: index)
                sink.changed(process.failed("it was ended before it was started again", date: Timestamp.now()))
            }
            return true
        }
        guard let number = find(process) else { return false }
        // A sandbox that is gone says so by its events.
        do { try lease?.sandbox.signal(signal, process: number) } catch {}
        return true
    }

    func write(_ bytes: [UInt8], to process: WorkspaceProcess, ends: Bool) throws(APIError) {
        guard let number = find(process), let fault = running[number]?.write(bytes, ends: ends, now: now) else {
            if find(process) != nil { return }
            throw APIError(.stdinClosed, "process \(process.id) does not run")
        }
        switch fault {
        case .closed: throw APIError(.stdinClosed, "the input of process \(process.id) is closed")
        case .full:
            throw APIError(
                .inputBufferFull, "\(RunningProcess.maximumBacklog) bytes wait for process \(process.id) already",
                retryable: true)
        }
    }

    func resize(_ size: TerminalSize, _ process: WorkspaceProcess) throws(APIError) {
        guard let number = find(process), let terminal = running[number]?.terminal else {
            throw APIError(.notSupported, "process \(process.id) has no terminal, or does not run")
        }
        do throws(SystemCallError) {
            try Terminal.resize(terminal.number, rows: size.rows, columns: size.columns)
        } catch {
            throw APIError(.internalError, "the terminal cannot be resized: \(error)")
        }
    }

    /// - Parameter done: called when no process is left that was started from outside, or the time is over.
    func endProcesses(within time: Int64, done: @escaping () -> Void) {
        guard phase == .open, ending == nil else { return done() }
        for one in waiting {
            one.process.isNotWanted()
            sink.changed(one.process.failed("the workspace was stopped", date: Timestamp.now()))
        }
        waiting = []
        for one in running.values where one.isAlive {
            one.process.isNotWanted()
            do { try lease?.sandbox.signal(UInt8(SIGTERM), process: one.number) } catch {}
        }
        ending = (now &+ time, done)
        checkEnding(now)
    }

    func checkEnding(_ now: Int64) {
        guard let ending, now >= ending.at || !running.values.contains(where: \.isAlive) else { return }
        // It stays set: nothing is started any more.
        self.ending = (.max, {})
        ending.done()
    }

    // MARK: - By the clock

    func endOverdue(_ now: Int64) {
        for number in running.keys {
            guard let deadline = running[number]?.deadline, deadline <= now else { continue }
            running[number]?.deadline = nil
            running[number]?.process.hasTimedOut()
            do { try lease?.sandbox.signal(UInt8(SIGKILL), process: number) } catch {}
        }
    }

    func startWaiting(_ now: Int64) {
        let due = waiting.filter { $0.at <= now }
        waiting.removeAll { $0.at <= now }
        for one in due {
            one.process.startsAgain(date: Timestamp.now())
            spawn(one.process)
        }
    }

    func move(_ ready: [ReadyDescriptor]) {
        let numbers = Set(ready.map(\.number))
        for number in Array(running.keys) {
            guard var one = running[number] else { continue }
            if let input = one.input?.descriptor?.number, numbers.contains(input), (one.input?.count ?? 0) > 0 {
                one.pushInput(now: now)
            }
            let isReady = [one.stdout, one.stderr].contains { $0.map { numbers.contains($0.number) } ?? false }
            if isReady, one.pauseUntil <= now, one.read(into: &buffer) { one.pauseUntil = now &+ Self.pause }
            running[number] = one
            if !one.isAlive, !one.hasOutput { drop(number) }
        }
    }

    /// Looks at the ports: whether others are open than at the last look.
    func scan(_ now: Int64) {
        var found: Set<UInt16> = []
        for table in tables { found.formUnion(ListeningPorts.parse(read(table))) }
        if plan.spec.network == .egress { found.remove(NetworkAccess.egressPort) }
        for port in ports.subtracting(found).sorted() { sink.closed(port: port) }
        for port in found.subtracting(ports).sorted() { sink.opened(port: port) }
        ports = found
        // What was started in the background may listen, too.
        scanAt = now &+ (running.isEmpty ? 4 * Self.scanPause : Self.scanPause)
    }

    private func read(_ table: SharedDescriptor) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < Self.maximumTable {
            let offset = off_t(bytes.count)
            // SAFETY: the pointer is used inside the closure only, and the kernel writes no more than the count.
            let count = buffer.withUnsafeMutableBytes { pread(table.number, $0.baseAddress, $0.count, offset) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
