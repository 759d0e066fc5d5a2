internal import LinuxSystem
internal import RunModel
internal import SessionExecution
internal import WardenClient
internal import WardenProtocol
internal import WorkspaceModel

/// A process with its streams, on the thread of the reactor.
struct RunningProcess {
    let number: ProcessNumber
    let process: WorkspaceProcess
    private(set) var stdout: SharedDescriptor?
    private(set) var stderr: SharedDescriptor?
    private(set) var input: InputEnd?
    private(set) var terminal: SharedDescriptor?
    /// Its input ends when what waits has been written.
    private var endsInput = false
    /// When it is ended; nil for never, and once that has been done.
    var deadline: Int64?
    /// Nanoseconds; nil until it runs.
    var startedAt: Int64?
    /// What became of it, while somebody else still has its outputs.
    var end: ProcessEnd?
    /// After a large portion of output: when the next one is read.
    var pauseUntil: Int64 = 0

    /// What may wait to be read by it.
    static let maximumBacklog = 4 << 20

    init(_ number: ProcessNumber, _ process: WorkspaceProcess) {
        self.number = number
        self.process = process
    }

    var hasOutput: Bool { stdout != nil || stderr != nil }
    /// Whether the process itself lives, or is being started.
    var isAlive: Bool { end == nil }

    /// It runs, with these streams.
    mutating func open(_ streams: ProgramStreams, now: Int64) {
        streams.setNonblocking()
        startedAt = now
        deadline = process.request.timeout.map { now &+ $0 }
        switch streams {
        case .pipes(let stdin, let stdout, let stderr):
            (self.stdout, self.stderr) = (stdout, stderr)
            input = InputEnd(stdin)
        case .terminal(let terminal):
            (stdout, self.terminal) = (terminal, terminal)
            input = InputEnd(terminal)
        }
        let request = process.request
        if !request.input.isEmpty { input?.append(request.input, now: now) }
        if !request.keepsInputOpen, terminal == nil { endInput(now: now) }
    }

    enum InputFault {
        case closed, full
    }

    /// Bytes for it.
    mutating func write(_ bytes: [UInt8], ends: Bool, now: Int64) -> InputFault? {
        guard input?.isOpen == true, !endsInput else { return .closed }
        guard (input?.count ?? 0) + bytes.count <= Self.maximumBacklog else { return .full }
        input?.append(bytes, now: now)
        if ends { endInput(now: now) }
        return nil
    }

    /// Of a terminal this is the character that means it.
    private mutating func endInput(now: Int64) {
        if terminal != nil {
            input?.append([4], now: now)
        } else {
            endsInput = true
            closeWritten()
        }
    }

    mutating func pushInput(now: Int64) {
        input?.push(now: now)
        closeWritten()
    }

    private mutating func closeWritten() {
        guard endsInput, input?.count == 0 else { return }
        input?.close()
        input = nil
    }

    /// Reads once of each output.
    ///
    /// - Returns: whether there may be more at once.
    mutating func read(into buffer: inout [UInt8]) -> Bool {
        var hasMore = false
        for stream in [OutputStream.stdout, .stderr] {
            guard let descriptor = stream == .stdout ? stdout : stderr else { continue }
            switch ReadEnd(descriptor.number, into: &buffer) {
            case .bytes(let count):
                process.took(stream, buffer[..<count])
                hasMore = hasMore || count == buffer.count
            case .nothing: break
            case .ended: closeOutput(stream)
            }
        }
        return hasMore
    }

    private mutating func closeOutput(_ stream: OutputStream) {
        if stream == .stdout {
            stdout?.close()
            stdout = nil
            if terminal != nil {
                input = nil
                terminal = nil
            }
        } else {
            stderr?.close()
            stderr = nil
        }
    }

    mutating func closeAll() {
        input?.close()
        input = nil
        closeOutput(.stdout)
        closeOutput(.stderr)
    }
}
