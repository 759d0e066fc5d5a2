internal import LinuxSystem
internal import Reactor
internal import RunExecution
internal import RunModel
internal import SandboxSupply
internal import SessionModel
internal import WardenClient

/// The bytes of a session: outputs and records in, commands and input out.
extension SessionMember {
    /// Moves what can be moved.
    func move(_ ready: [ReadyDescriptor]) {
        guard let interpreter else { return }
        func isReady(_ number: Int32?) -> Bool {
            number.map { number in ready.contains { $0.number == number } } ?? false
        }
        let hasRecords = isReady(interpreter.records?.number)
        let isFloodDue = engine.isFlooded && pauseUntil <= now
        // Outputs before records: what a cell printed comes before what the driver says of it.
        if hasRecords || isFloodDue || isReady(interpreter.stdout.descriptor?.number)
            || isReady(interpreter.stderr.descriptor?.number)
        {
            if !engine.holdsOutputBack { readOutputs(rounds: 1) }
            settle()
        }
        if hasRecords || isFloodDue { readRecords(rounds: 1) }
        if isReady(interpreter.commands.descriptor?.number) { self.interpreter?.commands.push(now: now) }
        if isReady(interpreter.stdin.descriptor?.number) { self.interpreter?.stdin.push(now: now) }
    }

    /// Both outputs, until they are empty or have been read so many times.
    func readOutputs(rounds: Int) {
        if let writes = interpreter?.writes { return readInOrder(writes, limit: rounds * Self.bufferSize) }
        for end in Self.outputs {
            for _ in 0..<rounds {
                guard case .bytes(let count)? = interpreter?[keyPath: end].read(into: &buffer) else { break }
                take(buffer[..<count], of: end)
                if count < Self.bufferSize { break }
            }
            if interpreter?[keyPath: end].descriptor == nil { flush(end) }
        }
    }

    /// Both, in the order in which they were written, until there is nothing more or so many bytes are there.
    private func readInOrder(_ writes: WriteWatch, limit: Int) {
        var read: [[UInt8]] = [[], []]
        var turns = interpreter?.turns ?? []
        var isQuiet = false
        // A program that writes to both in turn, byte by byte, must not hold up the other sessions of the thread.
        var rounds = Self.maximumRounds
        repeat {
            rounds -= 1
            let before = read[0].count + read[1].count
            // stderr first: what comes after the end of a long stdout shall not be read before it.
            for index in [1, 0] {
                guard case .bytes(let count)? = interpreter?[keyPath: Self.outputs[index]].read(into: &buffer) else {
                    continue
                }
                read[index].append(contentsOf: buffer[..<count])
            }
            // After the bytes: a write is noted when it is done. What is noted and not there yet is read in the next round.
            let new = writes.turns()
            turns += new
            isQuiet = new.isEmpty && read[0].count + read[1].count == before
        } while !isQuiet && rounds > 0 && read[0].count + read[1].count < limit
        for piece in OutputOrder.pieces(&turns, stdout: read[0], stderr: read[1]) {
            let index = piece.stream == .stdout ? 0 : 1
            take(read[index][piece.range], of: Self.outputs[index])
        }
        if isQuiet {
            turns = []
        } else if let cut = Self.outputs.compactMap({ interpreter?[keyPath: $0] })
            .first(where: { !turns.contains($0.stream) && $0.hasMore })
        {
            // There is more to read than any turn stands for: the last one goes on.
            turns.insert(cut.stream, at: 0)
        }
        // More than both pipes can hold are of bytes that have been passed on.
        interpreter?.turns = turns.suffix(Self.maximumTurns)
        for end in Self.outputs where interpreter?[keyPath: end].descriptor == nil { flush(end) }
    }

    private func take(_ bytes: ArraySlice<UInt8>, of end: WritableKeyPath<Interpreter, OutputEnd>) {
        interpreter?.hasSpoken = true
        interpreter?.watch.wrote(bytes, now: now)
        guard let text = interpreter?[keyPath: end].cut(bytes), let stream = interpreter?[keyPath: end].stream else {
            return
        }
        engine.output(stream, text, now: now)
    }

    private static var outputs: [WritableKeyPath<Interpreter, OutputEnd>] { [\.stdout, \.stderr] }

    /// What waits for the rest of a character gets none any more.
    func flushOutputs() {
        flush(\Interpreter.stdout)
        flush(\Interpreter.stderr)
    }

    private func flush(_ end: WritableKeyPath<Interpreter, OutputEnd>) {
        guard let rest = interpreter?[keyPath: end].rest(), let stream = interpreter?[keyPath: end].stream else {
            return
        }
        engine.output(stream, rest, now: now)
    }

    /// What the driver says, until there is nothing more or it has been read so many times.
    func readRecords(rounds: Int) {
        for _ in 0..<rounds {
            guard let number = interpreter?.records?.number else { return }
            switch ReadEnd(number, into: &buffer) {
            case .nothing: return
            case .ended:
                interpreter?.records?.close()
                interpreter?.records = nil
                return engine.channelLost(now: now)
            case .bytes(let count):
                interpreter?.hasSpoken = true
                interpreter?.frames.push(buffer[..<count])
                takeRecords()
                if count < Self.bufferSize { return }
            }
        }
    }

    private func takeRecords() {
        do throws(FrameReader.Oversized) {
            // An action may do away with the interpreter.
            while let record = try interpreter?.frames.next() {
                take(record)
                settle()
            }
        } catch {
            engine.violate(error.description, now: now)
            closeRecords()
        }
    }

    private func take(_ bytes: [UInt8]) {
        do throws(DriverRecordError) {
            let decoded = try DriverRecord.decode(bytes)
            engine.record(decoded.record, size: bytes.count, unknownMember: decoded.unknownMember, now: now)
        } catch {
            engine.violate(error.description, now: now)
            closeRecords()
        }
    }

    /// Nothing more of it is believed.
    private func closeRecords() {
        interpreter?.records?.close()
        interpreter?.records = nil
        interpreter?.frames = FrameReader()
    }

    // MARK: - Input

    /// Asks whether the interpreter waits for input, when it is time and it could be.
    func look() {
        guard engine.wantsInputWatch, interpreter?.watch.look(now: now) == true else { return }
        if interpreter?.stdin.isStarved == true {
            interpreter?.lease.sandbox.probe()
        } else {
            _ = interpreter?.watch.answer(waiting: false, now: now)
        }
    }

    /// It was seen waiting, or not. What it wrote before that is its prompt, so that is read first.
    func inputAwaited(_ isWaiting: Bool) {
        if isWaiting {
            readOutputs(rounds: 1)
            settle()
            // Whether what it reads is a password comes before it reads.
            readRecords(rounds: 1)
        }
        let isTrue = isWaiting && engine.wantsInputWatch && interpreter?.stdin.isStarved == true
        guard interpreter?.watch.answer(waiting: isTrue, now: now) == true, let prompt = interpreter?.watch.prompt
        else { return }
        flushOutputs()
        engine.inputAwaited(prompt: prompt, now: now)
    }
}
