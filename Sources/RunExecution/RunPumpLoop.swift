internal import Glibc
internal import LinuxSystem
internal import Reactor
internal import RunModel
internal import SandboxSpec
internal import WardenClient

/// What a run does on its thread: bytes and commands, one after the other. Never leaves the thread.
final class RunPumpLoop: ReactorMember {
    static let bufferSize = 65_536
    /// Turns of writes that are kept from one reading to the next.
    static let maximumTurns = 4096
    /// Grace period of a stream whose sandbox is gone: nanoseconds of silence before it is closed.
    static let drainGrace: Int64 = 2_000_000_000

    /// How long it may take altogether, however much still comes: what comes is no output of a program any more.
    private static let drainLimit: Int64 = 10_000_000_000

    struct Draining {
        let continuation: CheckedContinuation<RunPump.Drained, Never>
        var deadline: Int64
        var end: Int64
    }

    struct Active {
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
    var log: RunEventEmitter
    let now: @Sendable () -> Int64
    let buffer: UnsafeMutableRawBufferPointer
    var active: Active?
    /// Of the active step, when it has two pipes.
    var writes: WriteWatch?
    /// Turns that were noted and whose bytes were not read yet.
    var turns: [OutputStream] = []
    var pace = ReadingPace()
    /// Of the active step.
    var recorder: OutputRecorder?
    private var onStart: (@Sendable () -> Void)?
    /// What is still to be told before anything else of the active step.
    private var announcement: RunEvent.Kind?
    private var isClosing = false
    /// The sink wants no more for now: nothing is read, so the program waits once its pipe is full.
    private var isHeld = false
    /// The newest sample that came while that was so.
    private var heldUsage: RunEvent.Kind?
    /// What is passed on of an earlier time, and who waits for it.
    private var replay: (rest: ArraySlice<OutputRecorder.Chunk>, continuation: CheckedContinuation<Void, Never>)?
    /// Counts the steps: the next one's descriptors may have the same numbers.
    private var epoch = 0

    init(pump: RunPump, log: RunEventEmitter, now: @escaping @Sendable () -> Int64) {
        self.pump = pump
        self.log = log
        self.now = now
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        if isHeld { release() }
        goOnReplaying()
        take(ready)
        look()
        finishDraining()
        var commands = pump.takeCommands()
        while !commands.isEmpty {
            for command in commands { handle(command) }
            // Parts of the run's task post more.
            commands = pump.takeCommands()
        }
        if isClosing { return nil }
        feed()
        return interest()
    }

    private func handle(_ command: RunPump.Command) {
        switch command {
        case .emit(let kind): emit(kind)
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
            // As a rule all of it is there, up to the end of the streams.
            if !isHeld { readAll() }
            finishDraining()
        case .replay(let output, let continuation):
            replay = (output[...], continuation)
            goOnReplaying()
        case .announce: announce()
        case .call(let work): work()
        case .job(let job): job.runSynchronously(on: pump.asUnownedTaskExecutor())
        case .close: isClosing = true
        }
    }

    private func attach(_ step: RunPump.Step) {
        epoch += 1
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
        hold()
        guard case .live(let queue) = step.input else { return }
        active?.watch = InputWatch(now: now())
        queue.listen { [weak pump] in pump?.wake() }
    }

    func announce() {
        // Of a silent step too: it runs from now on, within the deadline of a program.
        onStart.take()?()
        guard let announcement = announcement.take() else { return }
        log.emit(announcement)
    }

    // MARK: - Waiting

    private func interest() -> ReactorInterest {
        var interest = ReactorInterest()
        guard let active else { return interest }
        hold()
        // What comes from a terminal, its going away included, waits for its reader.
        let isTerminal = active.taps.count == 1
        if announcement == nil {
            if let source = active.input.sourceInterest {
                interest.watch(source.descriptor, source.events, epoch: epoch)
            }
            if !isHeld || !isTerminal, let program = active.input.programInterest {
                interest.watch(program.descriptor, program.events, epoch: epoch)
            }
        }
        let now = now()
        if !isHeld, active.draining != nil || pace.isDue(now) {
            for tap in active.taps {
                if let descriptor = tap.descriptor { interest.watch(descriptor.number, Int16(POLLIN), epoch: epoch) }
            }
        }
        if let draining = active.draining, !isHeld { interest.wake(at: min(draining.deadline, draining.end)) }
        if active.isNews, active.draining == nil { interest.wake(at: active.hintDue) }
        if active.draining == nil, let look = active.watch?.deadline { interest.wake(at: look) }
        if active.draining == nil, !isHeld, let due = pace.due(now) { interest.wake(at: due) }
        return interest
    }

    /// Asks the sink whether it wants more.
    private func hold() {
        isHeld = !log.hasRoom { [weak pump] in pump?.wake() }
    }

    /// Goes on, where the sink has room again.
    private func release() {
        hold()
        guard !isHeld else { return }
        if let usage = heldUsage.take() { log.emit(usage) }
        guard active?.draining != nil else { return }
        // The time in which nothing was read does not count.
        active?.draining?.deadline = now() &+ Self.drainGrace
        active?.draining?.end = now() &+ Self.drainLimit
    }

    /// Passes on what there is of an earlier time, as far as the sink has room.
    private func goOnReplaying() {
        while let chunk = replay?.rest.first {
            guard log.hasRoom(onRoom: { [weak pump] in pump?.wake() }) else { return }
            replay?.rest.removeFirst()
            log.emit(.output(chunk.stream, chunk.text))
        }
        replay.take()?.continuation.resume()
    }

    private func emit(_ kind: RunEvent.Kind) {
        // Samples go on for as long as a reader stands still; all other events are few.
        if isHeld, case .resource = kind {
            heldUsage = kind
            return
        }
        if kind.isTerminal, let usage = heldUsage.take() { log.emit(usage) }
        log.emit(kind)
    }

    /// Reads and writes what is ready.
    private func take(_ ready: [ReadyDescriptor]) {
        guard !ready.isEmpty, let active else { return hint() }
        let always = Int16(POLLERR | POLLHUP | POLLNVAL)
        func events(_ number: Int32?, _ wanted: Int16) -> Int16 {
            (ready.first { $0.number == number }?.events ?? 0) & (wanted | always)
        }
        // As they were asked for: what is read changes what is wanted next.
        let source = active.input.sourceInterest
        let program = active.input.programInterest
        // Output first: a program that waits for its reader holds up its own input.
        if !isHeld {
            let taps = active.taps.indices.filter { events(active.taps[$0].descriptor?.number, Int16(POLLIN)) != 0 }
            if !taps.isEmpty, writes != nil { readBoth() } else { for index in taps { readTap(index) } }
        }
        if announcement == nil {
            if let source, events(source.descriptor, source.events) != 0 { self.active?.input.sourceIsReady() }
            if let program {
                let found = events(program.descriptor, program.events)
                if found != 0 { self.active?.input.programIsReady(found) }
            }
        }
        hint()
    }

    /// Moves on what has been typed.
    private func feed() {
        guard announcement == nil, active?.input.pull() == true else { return }
        active?.watch?.fed(now: now())
    }

    /// Looks whether the program waits for input, when it is time and it could be.
    private func look() {
        guard let step = active?.step, active?.draining == nil, active?.watch?.look(now: now()) == true else { return }
        if active?.input.isStarved == true {
            step.onLook()
        } else {
            _ = active?.watch?.answer(waiting: false, now: now())
        }
    }

    /// The program was seen waiting, or not. What it wrote before that is its prompt, so that is read first.
    private func inputAwaited(_ isWaiting: Bool) {
        guard active?.draining == nil, active?.watch != nil else { return }
        if isWaiting, !isHeld { readAll() }
        let isTrue = isWaiting && !isHeld && active?.input.isStarved == true
        guard active?.watch?.answer(waiting: isTrue, now: now()) == true, let watch = active?.watch else { return }
        for index in (active?.taps ?? []).indices {
            // A prompt may end in the middle of a character; nothing will complete it before the answer comes.
            let rest = active?.taps[index].rest() ?? []
            pass(rest, from: active?.taps[index].stream ?? .stdout)
        }
        log.emit(.inputRequest(token: watch.token, prompt: OutputText(watch.prompt)))
    }

    /// Tells the warden now and then that there was output.
    private func hint() {
        guard let step = active?.step, active?.isNews == true, active?.draining == nil else { return }
        guard active.map({ now() >= $0.hintDue }) == true else { return }
        active?.toldAt = now()
        active?.isNews = false
        step.onActivity()
    }

    private func finishDraining() {
        guard !isHeld, let done = active, let draining = done.draining else { return }
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
