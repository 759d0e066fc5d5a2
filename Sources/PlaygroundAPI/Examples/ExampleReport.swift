internal import Examples
internal import RunModel
internal import SandboxSpec

/// One example as the API shows it.
struct ExampleReport: Encodable {
    /// What is shown besides the description.
    struct Parts {
        /// The program, and its checks.
        var hasProgram = false
        /// How many of the hints.
        var hints = 0
        var hasSolution = false
    }

    let example: Example
    let parts: Parts
    /// Why its language cannot be used now; nil when it can.
    let reason: String?

    private enum Key: String, CodingKey {
        case id, language, title, description, category, difficulty, tags, kind, inputs, hints, dependencies, needs
        case available, reason, main, files, shown, checks, solution
        case hintCount = "hint_count"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(example.id, forKey: .id)
        try container.encode(example.language, forKey: .language)
        try container.encode(example.title, forKey: .title)
        try container.encode(example.description, forKey: .description)
        try container.encode(example.category.rawValue, forKey: .category)
        try container.encode(example.difficulty.rawValue, forKey: .difficulty)
        try container.encode(example.tags, forKey: .tags)
        try container.encode(example.isExercise ? "exercise" : "example", forKey: .kind)
        try container.encode(example.inputs.map(InputReport.init), forKey: .inputs)
        try container.encode(example.hints.count, forKey: .hintCount)
        try container.encode(example.dependencies, forKey: .dependencies)
        try container.encode(example.needs, forKey: .needs)
        try container.encode(reason == nil, forKey: .available)
        try container.encode(reason, forKey: .reason)
        guard parts.hasProgram else { return }
        try container.encode(example.main.path, forKey: .main)
        try container.encode(example.files.map { FileReport(name: $0.path, content: $0.text) }, forKey: .files)
        try container.encode(example.shown.map { Lines(first: $0.first, last: $0.last) }, forKey: .shown)
        try container.encode(Array(example.hints.prefix(parts.hints)), forKey: .hints)
        try container.encode(example.checks.map { CheckReport(stdin: $0.stdin, stdout: $0.stdout) }, forKey: .checks)
        if parts.hasSolution { try container.encode(example.solution, forKey: .solution) }
    }

    private struct FileReport: Encodable {
        let name: String
        let content: String
    }

    private struct Lines: Encodable {
        let first: Int
        let last: Int
    }

    private struct CheckReport: Encodable {
        let stdin: String
        let stdout: String
    }
}

/// One input of an example: what a form needs to ask for it.
struct InputReport: Encodable {
    let input: ExampleInput

    init(_ input: ExampleInput) {
        self.input = input
    }

    private enum Key: String, CodingKey {
        case name, title, type, standard = "default", choices, minimum, maximum, through, target
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(input.name, forKey: .name)
        try container.encode(input.title, forKey: .title)
        try container.encode(input.kind.rawValue, forKey: .type)
        try container.encode(input.standard, forKey: .standard)
        if !input.choices.isEmpty { try container.encode(input.choices, forKey: .choices) }
        try container.encodeIfPresent(input.minimum, forKey: .minimum)
        try container.encodeIfPresent(input.maximum, forKey: .maximum)
        try container.encode(input.way.name, forKey: .through)
        switch input.way {
        case .stdin, .argument: break
        case .environment(let variable): try container.encode(variable, forKey: .target)
        case .file(let path): try container.encode(path.description, forKey: .target)
        }
    }
}
