internal import RunExecution
internal import RunModel
internal import Synchronization

/// A sink that knows whether the reader of our stdout went away.
protocol RunSink: EventSink {
    var lostReader: Bool { get }
}

/// Passes the program's bytes on as they are, and sums up at the end.
final class LiveSink: RunSink {
    private let showsSummary: Bool
    private let warm = Mutex<WarmStart?>(nil)
    private let lost = Atomic<Bool>(false)

    init(showsSummary: Bool) {
        self.showsSummary = showsSummary
    }

    var lostReader: Bool { lost.load(ordering: .relaxed) }

    func receive(_ event: RunEvent) -> Bool {
        switch event.kind {
        case .output(let stream, let text):
            // A reader of stderr that went away is no reason to end a run; a reader of its result is.
            let target = stream == .stdout ? Console.output : Console.errors
            let heard = Console.write(text.bytes, to: target)
            if !heard, stream == .stdout {
                lost.store(true, ordering: .relaxed)
                return false
            }
        case .started(_, let warm, _): self.warm.withLock { $0 = warm }
        case .error(let error):
            RawTerminal.restore()
            Console.complain(error.message)
        case .finished(let outcome):
            RawTerminal.restore()
            if showsSummary { Console.note(Summary.line(outcome, warm: warm.withLock { $0 })) }
        case .accepted, .queued, .resource, .warning, .inputRequest: break
        }
        return true
    }
}

/// Prints every event as a line of JSON.
final class EventLineSink: RunSink {
    private let lost = Atomic<Bool>(false)

    var lostReader: Bool { lost.load(ordering: .relaxed) }

    func receive(_ event: RunEvent) -> Bool {
        if case .error(let error) = event.kind { Console.complain(error.message) }
        guard let line = try? JSONText.line(event), Console.write(line, to: Console.output) else {
            lost.store(true, ordering: .relaxed)
            return false
        }
        return true
    }
}

/// Prints the result when there is one.
final class ResultSink: RunSink {
    private let builder: Mutex<RunResultBuilder>
    private let lost = Atomic<Bool>(false)

    init(maximumBytes: Int) {
        builder = Mutex(RunResultBuilder(maximumBytes: maximumBytes))
    }

    var lostReader: Bool { lost.load(ordering: .relaxed) }

    func receive(_ event: RunEvent) -> Bool {
        if case .error(let error) = event.kind { Console.complain(error.message) }
        guard let result = builder.withLock({ $0.add(event) }) else { return true }
        guard let line = try? JSONText.line(result), Console.write(line, to: Console.output) else {
            lost.store(true, ordering: .relaxed)
            return false
        }
        return true
    }
}

/// Keeps the result.
final class CollectingSink: EventSink {
    private struct State {
        var builder: RunResultBuilder
        var result: RunResult?
    }

    private let state: Mutex<State>

    init(maximumBytes: Int) {
        state = Mutex(State(builder: RunResultBuilder(maximumBytes: maximumBytes)))
    }

    var result: RunResult? { state.withLock { $0.result } }

    func receive(_ event: RunEvent) -> Bool {
        state.withLock { state in
            if let result = state.builder.add(event) { state.result = result }
        }
        return true
    }
}
