internal import Examples
internal import Images
internal import LinuxSystem
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec

/// A run of an example that has ended.
struct ExampleOutcome: Sendable {
    /// An event, without what it says: the output is in the result.
    struct Event: Sendable, Encodable {
        let type: String
        let milliseconds: Double
        /// Bytes, of output.
        let bytes: Int?

        private enum CodingKeys: String, CodingKey {
            case type, bytes
            case milliseconds = "at_ms"
        }
    }

    let example: Example
    let record: RunRecord
    let result: RunResult
    let milliseconds: Double
    let events: [Event]

    var isSuccess: Bool { result.outcome.verdict == .ok }

    /// Makes an outcome of the events of a run.
    struct Builder: Sendable {
        private let started: ExampleRunner.Started
        private let startedAt = monotonicNow()
        private var builder = RunResultBuilder(maximumBytes: Int(ExampleRunner.output))
        private var events: [Event] = []

        init(_ started: ExampleRunner.Started) {
            self.started = started
        }

        /// Takes the next event. The outcome is there with the last one.
        mutating func add(_ event: RunEvent) -> ExampleOutcome? {
            if events.count < ExampleRunner.maximumEvents {
                var bytes: Int?
                if case .output(_, let text) = event.kind { bytes = text.bytes.count }
                events.append(Event(type: event.kind.name, milliseconds: event.at.milliseconds, bytes: bytes))
            }
            return builder.add(event).map { result in
                ExampleOutcome(
                    example: started.example, record: started.record, result: result,
                    milliseconds: ((monotonicNow() - startedAt) / 1000 * 1000).milliseconds, events: events)
            }
        }
    }

    /// The command lines of its steps.
    var commands: [[String]] {
        guard let image = record.identity.settings?.image, let main = try? BoxPath(example.main.path) else { return [] }
        let others = example.files.dropFirst().compactMap { try? BoxPath($0.path) }.filter(image.isSource)
        let program = ProgramFiles(main: main, sources: others + [main], options: example.compilerOptions)
        return [image.compile?.run, image.run].compactMap { $0?.command(for: program) }
    }
}

/// What came of the checks of an example.
struct CheckResults: Encodable {
    struct Result: Encodable {
        let passed: Bool
        let verdict: String
        let stdin: String
        let expected: String
        let output: String
        /// What a compiler or an interpreter said.
        let messages: String

        init(_ check: Example.Check, _ outcome: ExampleOutcome) {
            verdict = outcome.result.outcome.verdict.rawValue
            stdin = check.stdin
            expected = check.stdout
            output = outcome.result.stdout.lossyText
            messages = outcome.result.stderr.lossyText
            passed = outcome.isSuccess && outcome.result.stdout.bytes == Array(check.stdout.utf8)
        }
    }

    let id: String
    let passed: Bool
    let count: Int
    let checks: [Result]

    init(id: String, results: [Result], count: Int) {
        self.id = id
        self.count = count
        checks = results
        passed = results.count == count && results.allSatisfy(\.passed)
    }
}
