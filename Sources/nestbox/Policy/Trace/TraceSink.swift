internal import RunExecution
internal import RunModel

/// Passes all that the program writes to stderr: stdout is for what was observed.
final class TraceSink: RunSink {
    let lostReader = false

    func receive(_ event: RunEvent) -> Bool {
        switch event.kind {
        case .output(_, let text): Console.write(text.bytes, to: Console.errors)
        case .error(let error): Console.complain(error.message)
        case .finished(let outcome): Console.note(Summary.line(outcome, warm: nil))
        case .accepted, .queued, .resource, .warning, .inputRequest, .started: break
        }
        return true
    }
}
