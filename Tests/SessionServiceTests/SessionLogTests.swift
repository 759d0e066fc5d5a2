import RunModel
import SessionModel
import TestSupport
import Testing

@testable import SessionService

@Suite struct SessionLogTests {
    private let id = SessionID()

    private func event(_ sequence: Int64, _ kind: SessionEvent.Kind = .state(.idle)) -> LoggedSessionEvent {
        let event = SessionEvent(sequence: sequence, epoch: 1, time: 0, kind: kind)
        return LoggedSessionEvent(event: event, json: event.json(session: id))
    }

    private func end(_ sequence: Int64) -> LoggedSessionEvent {
        event(sequence, .ended(SessionEnd(verdict: "closed", reason: "")))
    }

    private func sequences(_ batch: SessionReader.Batch) -> [Int64] {
        if case .events(let events) = batch { events.map(\.event.sequence) } else { [] }
    }

    @Test func eventsAreReadAgainFromAnywhere() async {
        let log = SessionLog(capacity: 1 << 20)
        for sequence in 1...5 { log.append(event(Int64(sequence))) }
        for from in 1...5 {
            let reader = SessionReader(log, from: Int64(from))
            #expect(sequences(await reader.next()) == Array(Int64(from)...5))
        }
        // Nobody reads the future.
        let reader = SessionReader(log, from: 99)
        log.append(end(6))
        #expect(sequences(await reader.next()) == [6])
        guard case .ended = await reader.next() else {
            Issue.record("the log has ended")
            return
        }
    }

    @Test func aReaderWaitsForTheNextEvent() async {
        let log = SessionLog(capacity: 1 << 20)
        let reader = SessionReader(log, from: 1)
        async let batch = reader.next()
        try? await Task.sleep(for: .milliseconds(20))
        log.append(event(1))
        #expect(sequences(await batch) == [1])
        async let quiet = reader.next()
        try? await Task.sleep(for: .milliseconds(20))
        log.wakeReaders()
        guard case .quiet = await quiet else {
            Issue.record("nothing has come")
            return
        }
    }

    @Test func aSlowReaderIsToldWhatItHasMissedAndHoldsNothingUp() async {
        let log = SessionLog(capacity: 4096)
        let reader = SessionReader(log, from: 1)
        for sequence in 1...1000 { log.append(event(Int64(sequence))) }
        #expect(log.bytes <= 4096)
        guard case .lagged(1, let to) = await reader.next() else {
            Issue.record("it has missed something")
            return
        }
        let rest = sequences(await reader.next())
        #expect(rest == Array(to...1000) && !rest.isEmpty)
    }

    @Test func anEventThatIsLargerThanTheLogIsKeptAlone() async {
        let log = SessionLog(capacity: 100)
        log.append(event(1))
        log.append(
            event(2, .output(nil, .stdout, OutputText([UInt8](repeating: 0x61, count: 1000)), isBackground: true)))
        #expect(log.kept.map(\.event.sequence) == [2])
    }

    @Test func batchesAreBounded() async {
        let log = SessionLog(capacity: 1 << 20)
        for sequence in 1...100 { log.append(event(Int64(sequence))) }
        let reader = SessionReader(log, from: 1)
        var read: [Int64] = []
        while read.count < 100 {
            let batch = sequences(await reader.next(maximumBytes: 500))
            #expect((1...6).contains(batch.count))
            read += batch
        }
        #expect(read == Array(1...100))
    }

    @Test func aReaderMayBeCancelledOrItsTask() async {
        let log = SessionLog(capacity: 1 << 20)
        for which in [0, 1] {
            let reader = SessionReader(log, from: 1)
            let task = Task { await reader.next() }
            try? await Task.sleep(for: .milliseconds(20))
            if which == 0 { reader.cancel() } else { task.cancel() }
            switch await task.value {
            case .quiet, .ended: break
            case .events, .lagged: Issue.record("there is nothing")
            }
            if which == 0, case .ended = await reader.next() { continue }
            #expect(which == 1)
        }
    }

    @Test func manyReadersSeeTheSame() async {
        let log = SessionLog(capacity: 1 << 20)
        await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let reader = SessionReader(log, from: 1)
                    var read: [Int64] = []
                    while true {
                        switch await reader.next(maximumBytes: 1000) {
                        case .events(let events): read += events.map(\.event.sequence)
                        case .ended: return read
                        case .quiet, .lagged: break
                        }
                    }
                }
            }
            for sequence in 1...500 {
                log.append(event(Int64(sequence)))
                if sequence % 50 == 0 { await Task.yield() }
            }
            log.append(end(501))
            for await read in group { #expect(read == Array(1...501)) }
        }
    }
}
