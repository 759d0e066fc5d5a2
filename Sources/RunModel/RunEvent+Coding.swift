internal import SandboxSpec

extension RunEvent: Codable {
    private enum Key: String, CodingKey {
        case type, seq, at
        case runID = "run_id"
        case wait = "estimated_wait"
        case position, step, warm, limits, stream, data, encoding, processes, limit, used, of, token, prompt
        case cpuMilliseconds = "cpu_ms"
        case wallMilliseconds = "wall_ms"
        case memoryBytes = "memory_bytes"
    }

    private enum TypeName: String, Codable {
        case accepted, queued, started, output, resource, warning, error, finished
        case inputRequest = "input_request"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(runID, forKey: .runID)
        try container.encode(sequence, forKey: .seq)
        try container.encode((Double(at) / 1000).rounded() / 1_000_000, forKey: .at)
        func type(_ name: TypeName) throws { try container.encode(name, forKey: .type) }
        switch kind {
        case .accepted(let position):
            try type(.accepted)
            try container.encode(position, forKey: .position)
        case .queued(let position, let wait):
            try type(.queued)
            try container.encode(position, forKey: .position)
            try container.encodeIfPresent(wait, forKey: .wait)
        case .started(let step, let warm, let limits):
            try type(.started)
            try container.encode(step, forKey: .step)
            try container.encode(warm, forKey: .warm)
            try container.encode(limits, forKey: .limits)
        case .output(let stream, let text):
            try type(.output)
            try container.encode(stream, forKey: .stream)
            let rendered = text.rendered
            try container.encode(rendered.data, forKey: .data)
            try container.encode(rendered.encoding, forKey: .encoding)
        case .resource(let cpu, let wall, let memory, let processes):
            try type(.resource)
            try container.encode(cpu, forKey: .cpuMilliseconds)
            try container.encode(wall, forKey: .wallMilliseconds)
            try container.encode(memory, forKey: .memoryBytes)
            try container.encode(processes, forKey: .processes)
        case .warning(let limit, let used, let of):
            try type(.warning)
            try container.encode(limit, forKey: .limit)
            try container.encode(used, forKey: .used)
            try container.encode(of, forKey: .of)
        case .inputRequest(let token, let prompt):
            try type(.inputRequest)
            try container.encode(token, forKey: .token)
            try container.encode(prompt.lossyText, forKey: .prompt)
        case .error(let error):
            try type(.error)
            try error.encode(to: encoder)
        case .finished(let outcome):
            try type(.finished)
            try outcome.encode(to: encoder)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let kind: Kind
        switch try container.decode(TypeName.self, forKey: .type) {
        case .accepted: kind = .accepted(position: try container.decode(Int.self, forKey: .position))
        case .queued:
            kind = .queued(
                position: try container.decode(Int.self, forKey: .position),
                wait: try container.decodeIfPresent(Double.self, forKey: .wait))
        case .started:
            kind = .started(
                step: try container.decode(StepName.self, forKey: .step),
                warm: try container.decode(WarmStart.self, forKey: .warm),
                limits: try container.decode(LimitTable.self, forKey: .limits))
        case .output:
            let data = try container.decode(String.self, forKey: .data)
            let encoding = try container.decode(OutputText.Encoding.self, forKey: .encoding)
            guard let text = OutputText(data: data, encoding: encoding) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .data, in: container, debugDescription: "the data is not valid base64")
            }
            kind = .output(try container.decode(OutputStream.self, forKey: .stream), text)
        case .resource:
            kind = .resource(
                cpuMilliseconds: try container.decode(Double.self, forKey: .cpuMilliseconds),
                wallMilliseconds: try container.decode(Double.self, forKey: .wallMilliseconds),
                memoryBytes: try container.decode(Int64.self, forKey: .memoryBytes),
                processes: try container.decode(Int64.self, forKey: .processes))
        case .warning:
            kind = .warning(
                limit: try container.decode(String.self, forKey: .limit),
                used: try container.decode(LimitAmount.self, forKey: .used),
                of: try container.decode(LimitAmount.self, forKey: .of))
        case .inputRequest:
            kind = .inputRequest(
                token: try container.decode(String.self, forKey: .token),
                prompt: OutputText(Array(try container.decode(String.self, forKey: .prompt).utf8)))
        case .error: kind = .error(try APIError(from: decoder))
        case .finished: kind = .finished(try RunOutcome(from: decoder))
        }
        let seconds = try container.decode(Double.self, forKey: .at)
        // A trap is a remote crash: a century of nanoseconds still fits.
        guard (0...3_155_760_000).contains(seconds) else {
            throw DecodingError.dataCorruptedError(
                forKey: .at, in: container, debugDescription: "seconds since accepted are 0 to a century")
        }
        self.init(
            runID: try container.decode(RunID.self, forKey: .runID),
            sequence: try container.decode(Int64.self, forKey: .seq),
            at: Int64((seconds * 1_000_000).rounded()) * 1000, kind: kind)
    }
}
