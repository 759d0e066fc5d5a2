internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import SandboxSpec
internal import WardenClient

/// What the run's thread does: waits for bytes and for commands, one after the other. Never leaves its thread.
struct RunPumpLoop: ~Copyable {
    private static let bufferSize = 65_536
    /// Turns of writes that are kept from one reading to the next.
    private static let maximumTurns = 4096
    /// Grace period of a stream whose sandbox is gone: nanoseconds of silence before it is closed.
    private static let drainGrace: Int64 = 2_000_000_000

    /// How long it may take altogether, however much still comes: what comes is no output of a program any more.
    private static let drainLimit: Int64 = 10_000_000_000

    private struct Draining {
        let continuation: CheckedContinuation<RunPump.Drained, Never>
        var deadline: Int64
        let end: Int64
    }

    private struct Active {
        let step: RunPump.Step
        var input: InputFeed
        var taps: [OutputTap]
        var meter: OutputMeter
        /// Of stderr, or of the terminal.
        var tail = ByteTail()
        /// Only of a program with live input.
        var watch: InputWatch?
        var draining: Draining?
        /// When output was last reported to the warden, and whether there has been some since.
        var toldAt: Int64
        var isNews = false

        /// Hints are worth a message only now and then: an eighth of the idle limit is precise enough, and because
        /// the last output of a burst is always told, a program is never ended too early.
        var hintDue: Int64 { toldAt &+ step.idleLimit / 8 }
    }

    private let pump: RunPump
    private var log: RunEventEmitter
    private let now: @Sendable () -> Int64
    private let buffer: UnsafeMutableRawBufferPointer
    private var active: Active?
    /// Of the active step, when it has two pipes.
    private var writes: WriteWatch?
    /// Turns that were noted and whose bytes were not read yet.
    private var turns: [OutputStream] = []
    private var pace = ReadingPace()
    /// Of the active step.
    private var recorder: OutputRecorder?
    private var onStart: (@Sendable () -> Void)?
    /// What is still to be told before anything else of the active step.
    private var announcement: RunEvent.Kind?
    private var isClosing = false

    init(pump: RunPump, log: RunEventEmitter, now: @escaping @Sendable () -> Int64) {
        self.pump = pump
        self.log = log
        self.now = now
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    consuming func run() {
        while true {
            var commands = pump.takeCommands()
            while !commands.isEmpty {
                for command in commands { handle(command) }
                // A part of the run's task posts to this thread without waking it.
                commands = pump.takeCommands()
            }
            if isClosing { return }
            feed()
            wait()
            look()
            finishDraining()
        }
    }

    private mutating func handle(_ command: RunPump.Command) {
        switch command {
        case .emit(let kind): log.emit(kind)
        case .attach(let step): attach(step)
        case .inputAwaited(let isWaiting): inputAwaited(isWaiting)
        case .drain(let continuation):
            guard active != nil else {
                continuation.resume(returning: RunPump.Drained())
                return
            }
            active?.draining = Draining(
                continuation: continuation, deadline: now() &+ Self.drainGrace, end: now() &+ Self.drainLimit)
            active?.input.close()
            finishDraining()
        case .announce: announce()
        case .perform(let work): work()
        case .job(let job): job.runSynchronously(on: pump.asUnownedTaskExecutor())
        case .close: isClosing = true
        }
    }

    private mutating func attach(_ step: RunPump.Step) {
        recorder = step.recorder
        switch step.streams {
        case .pipes(let stdin, let stdout, let stderr):
            writes = step.writes
            active = Active(
                step: step, input: InputFeed(input: step.input, program: stdin, isTerminal: false),
                taps: [OutputTap(.stdout, stdout), OutputTap(.stderr, stderr)], meter: step.meter, toldAt: now())
        case .terminal(let terminal):
            active = Active(
                step: step, input: InputFeed(input: step.input, program: terminal, isTerminal: true),
                taps: [OutputTap(.stdout, terminal)], meter: step.meter, toldAt: now())
        }
        announcement = step.announcement
        onStart = step.onStart
        guard case .live(let queue) = step.input else { return }
        active?.watch = InputWatch(now: now())
        queue.listen { [weak pump] in pump?.wake() }
    }

    private mutating func announce() {
        // Of a silent step too: it runs from now on, within the deadline of a program.
        onStart.take()?()
        guard let announcement = announcement.take() else { return }
        log.emit(announcement)
    }

    /// One poll(2), and what it brings.
    private mutating func wait() {
        var polled = [pollfd(fd: pump.wakeupNumber, events: Int16(POLLIN), revents: 0)]
        let takesInput = announcement == nil
        let source = takesInput ? active?.input.sourceInterest : nil
        let program = takesInput ? active?.input.programInterest : nil
        for interest in [source, program] {
            polled.append(pollfd(fd: interest?.descriptor ?? -1, events: interest?.events ?? 0, revents: 0))
        }
        let isReading = active?.draining != nil || pace.isDue(now())
        for tap in active?.taps ?? [] {
            let number = isReading ? tap.descriptor?.number : nil
            polled.append(pollfd(fd: number ?? -1, events: Int16(POLLIN), revents: 0))
        }
        guard poll(&polled, nfds_t(polled.count), timeout()) >= 0 else { return }
        if polled[0].revents != 0 { pump.clearWakeup() }

        // Output first: a program that waits for its reader holds up its own input.
        let ready = (active?.taps ?? []).indices.filter { polled[3 + $0].revents != 0 }
        if !ready.isEmpty, writes != nil { readBoth() } else { for index in ready { readTap(index) } }
        if polled[1].revents != 0 { active?.input.sourceIsReady() }
        if polled[2].revents != 0 { active?.input.programIsReady(polled[2].revents) }
        hint()
    }

    private func timeout() -> Int32 {
        guard let active else { return -1 }
        var until: Int64?
        if let draining = active.draining { until = min(draining.deadline, draining.end) }
        if active.isNews { until = min(until ?? .max, active.hintDue) }
        if let look = active.watch?.deadline { until = min(until ?? .max, look) }
        if active.draining == nil, let due = pace.due(now()) { until = min(until ?? .max, due) }
        guard let until else { return -1 }
        return Int32(clamping: max(until - now(), 0) / 1_000_000 + 1)
    }

    private mutating func readTap(_ index: Int) {
        guard var taken = active else { return }
        // Taken out and put back, so that its arrays are changed in place.
        active = nil
        defer { active = taken }
        switch taken.taps[index].read(into: buffer) {
        case .nothing: return
        case .end:
            pass(taken.taps[index].rest(), from: taken.taps[index].stream)
        case .bytes(let bytes):
            pace.read(bytes.count, now())
            take(bytes, of: index, &taken)
        }
    }

    /// Reads both pipes until there is nothing more, or a buffer full, and takes it in the order in which it was written.
    private mutating func readBoth() {
        guard var taken = active else { return }
        active = nil
        defer { active = taken }
        var read: [[UInt8]] = [[], []]
        var ended: [Int] = []
        var isQuiet = false
        repeat {
            let before = read[0].count + read[1].count
            // stderr first: what comes after the end of a long stdout shall not be read before it.
            for index in [1, 0] where !ended.contains(index) {
                switch taken.taps[index].read(into: buffer) {
                case .nothing: break
                case .end: ended.append(index)
                case .bytes(let bytes): read[index].append(contentsOf: bytes)
                }
            }
            // After the bytes: a write is noted when it is done. What is noted and not there yet is read in the next round.
            let new = writes?.turns() ?? []
            turns += new
            isQuiet = new.isEmpty && read[0].count + read[1].count == before
        } while !isQuiet && read[0].count + read[1].count < Self.bufferSize
        pace.read(read[0].count + read[1].count, now())
        for piece in OutputOrder.pieces(&turns, stdout: read[0], stderr: read[1]) {
            let index = piece.stream == .stdout ? 0 : 1
            take(read[index][piece.range], of: index, &taken)
        }
        turns = isQuiet ? [] : cutOff(taken) + turns
        // More than both pipes can hold are of bytes that have been passed on.
        if turns.count > Self.maximumTurns { turns.removeFirst(turns.count - Self.maximumTurns) }
        for index in ended { pass(taken.taps[index].rest(), from: taken.taps[index].stream) }
    }

    /// The stream of a turn that goes on with the next bytes: there is more to read than any turn stands for.
    private func cutOff(_ taken: borrowing Active) -> [OutputStream] {
        for tap in taken.taps where !turns.contains(tap.stream) {
            var unread: Int32 = 0
            guard let number = tap.descriptor?.number, ioctl(number, UInt(FIONREAD), &unread) == 0, unread > 0 else {
                continue
            }
            return [tap.stream]
        }
        return []
    }

    private mutating func take(_ bytes: some RandomAccessCollection<UInt8>, of index: Int, _ taken: inout Active) {
        announce()
        let portion = taken.meter.take(bytes.count)
        taken.isNews = true
        taken.draining?.deadline = now() &+ Self.drainGrace
        // What comes after the limit is read, counted and forgotten: the program is being ended.
        if let hit = portion.exceeded { taken.step.onOverflow?(hit.used) }
        taken.watch?.wrote(bytes.prefix(portion.forward), now: now())
        if taken.taps[index].stream == .stderr || taken.taps.count == 1 { taken.tail.add(bytes) }
        guard !taken.step.isSilent else { return }
        pass(taken.taps[index].cut(bytes.prefix(portion.forward)), from: taken.taps[index].stream)
        if let hit = portion.warning { log.emit(.warning(hit)) }
    }

    private mutating func pass(_ bytes: [UInt8], from stream: OutputStream) {
        guard !bytes.isEmpty, active?.step.isSilent != true else { return }
        let text = OutputText(bytes)
        recorder?.add(stream, text)
        log.emit(.output(stream, text))
    }

    /// Moves on what has been typed.
    private mutating func feed() {
        guard announcement == nil, active?.input.pull() == true else { return }
        active?.watch?.fed(now: now())
    }

    /// Looks whether the program waits for input, when it is time and it could be.
    private mutating func look() {
        guard let step = active?.step, active?.draining == nil, active?.watch?.look(now: now()) == true else { return }
        if active?.input.isStarved == true {
            step.onLook()
        } else {
            _ = active?.watch?.answer(waiting: false, now: now())
        }
    }

    /// The program was seen waiting, or not. What it wrote before that is its prompt, so that is read first.
    private mutating func inputAwaited(_ isWaiting: Bool) {
        guard active?.draining == nil, active?.watch != nil else { return }
        if isWaiting { readAll() }
        let isTrue = isWaiting && active?.input.isStarved == true
        guard active?.watch?.answer(waiting: isTrue, now: now()) == true, let watch = active?.watch else { return }
        for index in (active?.taps ?? []).indices {
            // A prompt may end in the middle of a character; nothing will complete it before the answer comes.
            let rest = active?.taps[index].rest() ?? []
            pass(rest, from: active?.taps[index].stream ?? .stdout)
        }
        log.emit(.inputRequest(token: watch.token, prompt: OutputText(watch.prompt)))
    }

    /// Reads what is there, without waiting: at most one pipe full.
    private mutating func readAll() {
        if writes != nil { return readBoth() }
        for index in (active?.taps ?? []).indices {
            for _ in 0..<16 {
                guard let descriptor = active?.taps[index].descriptor else { break }
                var polled = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
                guard poll(&polled, 1, 0) == 1, polled.revents & Int16(POLLIN) != 0 else { break }
                readTap(index)
            }
        }
    }

    private mutating func hint() {
        guard let step = active?.step, active?.isNews == true, active?.draining == nil else { return }
        guard active.map({ now() >= $0.hintDue }) == true else { return }
        active?.toldAt = now()
        active?.isNews = false
        step.onActivity()
    }

    private mutating func finishDraining() {
        guard let done = active, let draining = done.draining else { return }
        let ended = done.taps.allSatisfy { $0.descriptor == nil }
        guard ended || now() >= min(draining.deadline, draining.end) else { return }
        if !ended {
            recorder?.abandon()
            for var tap in done.taps {
                pass(tap.rest(), from: tap.stream)
                tap.close()
            }
        }
        if done.step.onOverflow == nil, done.meter.isExceeded {
            let (limit, total) = (done.meter.limit, done.meter.total)
            pass(Array("\n[cut off: the first \(limit) of \(total) bytes]\n".utf8), from: .stderr)
        }
        active = nil
        writes?.release()
        writes = nil
        turns = []
        announcement = nil
        onStart = nil
        recorder = nil
        draining.continuation.resume(
            returning: RunPump.Drained(
                bytes: done.meter.total, truncated: done.meter.isExceeded, tail: done.tail.bytes))
    }
}
