internal import Egress
internal import Glibc
internal import LinuxSystem
internal import RunExecution
internal import RunModel
internal import SandboxSupply
internal import SessionModel
internal import WardenClient

/// One interpreter in its sandbox, as bytes: two outputs, an input, and the channel of its driver. Lives on the reactor's thread.
struct Interpreter {
    /// Of the engine; tells it from those before.
    let process: Int
    let lease: SandboxLease
    var stdout: OutputEnd
    var stderr: OutputEnd
    var stdin: InputEnd
    var commands: InputEnd
    var records: SharedDescriptor?
    var frames = FrameReader()
    var watch: InputWatch
    /// Knows in which order it writes to its two outputs, while a cell runs; and what is known of that and has not been read yet.
    private(set) var writes: WriteWatch?
    var turns: [OutputStream] = []
    var hasStarted = false
    /// Something has been read of it.
    var hasSpoken = false
    /// Its way out, if it has one.
    var door: EgressDoor?

    /// - Returns: nil for a sandbox that has no channel, or a terminal.
    init?(process: Int, lease: SandboxLease, now: Int64) {
        guard let channel = lease.sandbox.channel,
            case .pipes(let stdin, let stdout, let stderr) = lease.sandbox.streams
        else { return nil }
        lease.sandbox.streams.setNonblocking()
        self.process = process
        self.lease = lease
        self.stdout = OutputEnd(.stdout, stdout)
        self.stderr = OutputEnd(.stderr, stderr)
        self.stdin = InputEnd(stdin)
        commands = InputEnd(channel.commands)
        records = channel.records
        watch = InputWatch(now: now)
    }

    /// A cell begins: what it writes comes in the order in which it writes it, where the kernel tells that.
    mutating func watchWrites() {
        if writes == nil { writes = WriteWatch(lease.sandbox.streams) }
    }

    /// Between cells nobody minds, and idle sessions are many.
    mutating func stopWatchingWrites() {
        writes?.stop()
        (writes, turns) = (nil, [])
    }

    /// All its descriptors; on the thread that uses them.
    mutating func close() {
        stopWatchingWrites()
        stdout.close()
        stderr.close()
        stdin.close()
        commands.close()
        records?.close()
        records = nil
        lease.sandbox.meter?.close()
        door?.close()
    }
}

/// An output of the interpreter.
struct OutputEnd {
    let stream: OutputStream
    private(set) var descriptor: SharedDescriptor?
    private var splitter = UTF8Splitter()

    init(_ stream: OutputStream, _ descriptor: SharedDescriptor) {
        self.stream = stream
        self.descriptor = descriptor
    }

    mutating func read(into buffer: inout [UInt8]) -> ReadEnd {
        guard let descriptor else { return .ended }
        let end = ReadEnd(descriptor.number, into: &buffer)
        if case .ended = end { close() }
        return end
    }

    /// Whether there is more to be read.
    var hasMore: Bool {
        var unread: Int32 = 0
        return descriptor.map { ioctl($0.number, UInt(FIONREAD), &unread) == 0 && unread > 0 } ?? false
    }

    /// What of these bytes, and of those before, can be told as text now.
    mutating func cut(_ bytes: ArraySlice<UInt8>) -> [UInt8] { splitter.push(bytes) }

    /// What is left of a character that nothing completes.
    mutating func rest() -> [UInt8] { splitter.flush() }

    mutating func close() {
        descriptor?.close()
        descriptor = nil
    }
}
