package import SandboxSpec

/// Something that happened to a run. Every transport renders these, and nothing else.
package struct RunEvent: Sendable, Equatable {
    package let runID: RunID
    /// Counts from 0 without gaps.
    package let sequence: Int64
    /// Nanoseconds since the run was accepted.
    package let at: Int64
    package let kind: Kind

    package init(runID: RunID, sequence: Int64, at: Int64, kind: Kind) {
        self.runID = runID
        self.sequence = sequence
        self.at = at
        self.kind = kind
    }

    package enum Kind: Sendable, Equatable {
        case accepted(position: Int)
        /// 1 is next; with how many seconds it will have to wait, estimated, where that is known.
        case queued(position: Int, wait: Double? = nil)
        case started(step: StepName, warm: WarmStart, limits: LimitTable)
        case output(OutputStream, OutputText)
        case resource(cpuMilliseconds: Double, wallMilliseconds: Double, memoryBytes: Int64, processes: Int64)
        case warning(limit: String, used: LimitAmount, of: LimitAmount)
        /// The program waits for input. The token names this wait; the prompt is what it wrote since its last newline.
        case inputRequest(token: String, prompt: OutputText)
        case error(APIError)
        /// The last event of a run; there is exactly one.
        case finished(RunOutcome)

        /// The `type` of the event.
        package var name: String {
            switch self {
            case .accepted: "accepted"
            case .queued: "queued"
            case .started: "started"
            case .output: "output"
            case .resource: "resource"
            case .warning: "warning"
            case .inputRequest: "input_request"
            case .error: "error"
            case .finished: "finished"
            }
        }

        package var isTerminal: Bool {
            if case .finished = self { true } else { false }
        }

        /// A sample of what a running program uses.
        package static func resource(_ usage: Usage) -> Kind {
            .resource(
                cpuMilliseconds: usage.cpu.milliseconds, wallMilliseconds: usage.wall.milliseconds,
                memoryBytes: usage.memory, processes: usage.processes)
        }

        /// A limit that is close.
        package static func warning(_ hit: LimitHit) -> Kind {
            .warning(
                limit: hit.name.rawValue, used: LimitAmount(hit.used, of: hit.name),
                of: LimitAmount(hit.allowed, of: hit.name))
        }
    }
}
