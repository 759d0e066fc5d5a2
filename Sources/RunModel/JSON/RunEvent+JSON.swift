internal import SandboxSpec

extension RunEvent: JSONWritable {
    package func write(to output: inout JSONBytes) { write(to: &output, ref: nil) }

    package var jsonSize: Int {
        switch kind {
        case .output(_, let text): 256 + text.bytes.count * 4 / 3
        case .started, .error, .finished: 1024
        default: 256
        }
    }

    /// - Parameter ref: what the submitter calls the run; goes into `accepted`.
    func write(to output: inout JSONBytes, ref: String?) {
        output.open()
        if case .finished(let outcome) = kind { outcome.writeArtifacts(to: &output) }
        output.key("at")
        output.number(seconds)
        writeBeforeID(to: &output, ref: ref)
        output.key("run_id")
        output.word(runID.description)
        output.key("seq")
        output.integer(sequence)
        writeAfterSequence(to: &output)
        output.close()
    }

    /// Since the run was accepted.
    var seconds: Double { (Double(at) / 1000).rounded() / 1_000_000 }

    /// The members whose keys come after `at` and before `run_id`.
    private func writeBeforeID(to output: inout JSONBytes, ref: String?) {
        switch kind {
        case .accepted(let position):
            output.key("position")
            output.integer(position)
            if let ref {
                output.key("ref")
                output.string(ref)
            }
        case .queued(let position, let wait):
            if let wait {
                output.key("estimated_wait")
                output.number(wait)
            }
            output.key("position")
            output.integer(position)
        case .started(_, _, let limits):
            output.key("limits")
            limits.write(to: &output)
        case .output(_, let text): text.write(to: &output, "data", "encoding")
        case .resource(let cpu, _, let memory, let processes):
            output.key("cpu_ms")
            output.number(cpu)
            output.key("memory_bytes")
            output.integer(memory)
            output.key("processes")
            output.integer(processes)
        case .warning(let limit, _, let of):
            output.key("limit")
            output.string(limit)
            output.key("of")
            of.write(to: &output)
        case .inputRequest(_, let prompt):
            output.key("prompt")
            output.string(prompt.lossyText)
        case .error(let error):
            error.writeMessage(to: &output)
            output.key("retryable")
            output.bool(error.retryable)
        case .finished(let outcome):
            outcome.writeStatus(to: &output)
            outcome.writeRules(to: &output)
        }
    }

    /// The members whose keys come after `seq`.
    private func writeAfterSequence(to output: inout JSONBytes) {
        switch kind {
        case .started(let step, _, _):
            output.key("step")
            output.word(step.rawValue)
        case .output(let stream, _):
            output.key("stream")
            output.word(stream.rawValue)
        case .inputRequest(let token, _):
            output.key("token")
            output.string(token)
        case .finished(let outcome):
            outcome.writeSignal(to: &output)
            outcome.writeSteps(to: &output)
        case .accepted, .queued, .resource, .warning, .error: break
        }
        output.key("type")
        output.word(kind.name)
        switch kind {
        case .started(_, let warm, _):
            output.key("warm")
            output.word(warm.rawValue)
        case .resource(_, let wall, _, _):
            output.key("wall_ms")
            output.number(wall)
        case .warning(_, let used, _):
            output.key("used")
            used.write(to: &output)
        case .finished(let outcome): outcome.writeVerdict(to: &output)
        case .accepted, .queued, .output, .inputRequest, .error: break
        }
    }
}

extension OutputText {
    /// Two members: the bytes, as text when they are valid UTF-8 and as base64 otherwise, and which of the two.
    package func write(to output: inout JSONBytes, _ data: String, _ encoding: String) {
        let isText = isText
        output.key(data)
        if isText { output.string(bytes) } else { output.base64(bytes) }
        output.key(encoding)
        output.word((isText ? Encoding.utf8 : .base64).rawValue)
    }
}
