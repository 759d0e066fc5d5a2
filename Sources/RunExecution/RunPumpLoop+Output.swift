internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import SandboxSpec

/// What the program writes, from its streams to the events of the run.
extension RunPumpLoop {
    /// One read of one stream.
    func readTap(_ index: Int) {
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
    func readBoth() {
        guard var taken = active else { return }
        active = nil
        defer { active = taken }
        var read: [[UInt8]] = [[], []]
        var ended: [Int] = []
        var isQuiet = false
        // A program that writes to both in turn, byte by byte, must not hold up the other runs of the thread.
        var rounds = 16
        repeat {
            rounds -= 1
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
        } while !isQuiet && rounds > 0 && read[0].count + read[1].count < Self.bufferSize
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

    private func take(_ bytes: some RandomAccessCollection<UInt8>, of index: Int, _ taken: inout Active) {
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

    /// Emits output, where anybody is to see it.
    func pass(_ bytes: [UInt8], from stream: OutputStream) {
        guard !bytes.isEmpty, active?.step.isSilent != true else { return }
        let text = OutputText(bytes)
        recorder?.add(stream, text)
        log.emit(.output(stream, text))
    }

    /// Reads what is there, without waiting: at most one pipe full.
    func readAll() {
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
}
