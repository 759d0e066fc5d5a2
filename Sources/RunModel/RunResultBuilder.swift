/// Makes the result of a run out of its events.
///
/// Keeps at most `maximumBytes` of output: more than the run's output limit cannot come, and what does is an error
/// that must not eat the memory.
package struct RunResultBuilder: Sendable {
    private let maximumBytes: Int
    private var stdout: [UInt8] = []
    private var stderr: [UInt8] = []
    private var output: [UInt8] = []
    private var warm: WarmStart?
    private var error: APIError?
    private var cut = false

    package init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Takes the next event. The result is there with the terminal one.
    package mutating func add(_ event: RunEvent) -> RunResult? {
        switch event.kind {
        case .started(_, let warm, _): self.warm = warm
        case .output(let stream, let text): append(text.bytes, to: stream)
        case .error(let error): self.error = error
        case .finished(var outcome):
            outcome.truncated = outcome.truncated || cut
            // A run that had to be ended by force does not know.
            outcome.warm = outcome.warm ?? warm
            return RunResult(
                runID: event.runID, outcome: outcome, stdout: OutputText(stdout),
                stderr: OutputText(stderr), output: OutputText(output), error: error)
        case .accepted, .queued, .resource, .warning, .inputRequest: break
        }
        return nil
    }

    private mutating func append(_ bytes: [UInt8], to stream: OutputStream) {
        let room = maximumBytes - output.count
        if bytes.count > room { cut = true }
        let kept = bytes.prefix(max(room, 0))
        output.append(contentsOf: kept)
        switch stream {
        case .stdout: stdout.append(contentsOf: kept)
        case .stderr: stderr.append(contentsOf: kept)
        }
    }
}
