internal import LinuxSystem
internal import Reactor
internal import RunExecution
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
        for end in [\Interpreter.stdout, \Interpreter.stderr] {
            for _ in 0..<rounds {
                guard case .bytes(let count)? = interpreter?[keyPath: end].read(into: &buffer) else { break }
                interpreter?.hasSpoken = true
                let bytes = buffer[..<count]
                interpreter?.watch.wrote(bytes, now: now)
                guard let text = interpreter?[keyPath: end].cut(bytes), let stream = interpreter?[keyPath: end].stream
                else { break }
                engine.output(stream, text, now: now)
                if count < Self.bufferSize { break }
            }
            if interpreter?[keyPath: end].descriptor == nil { flush(end) }
        }
    }

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
        }
        let isTrue = isWaiting && engine.wantsInputWatch && interpreter?.stdin.isStarved == true
        guard interpreter?.watch.answer(waiting: isTrue, now: now) == true, let prompt = interpreter?.watch.prompt
        else { return }
        flushOutputs()
        engine.inputAwaited(prompt: prompt, now: now)
    }
}
