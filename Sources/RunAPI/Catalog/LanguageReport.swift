internal import Images
internal import RunModel
internal import SandboxSpec

/// One entry of `GET /api/v1/languages`: everything that a client must know about a language to offer it.
struct LanguageReport: Encodable {
    private let image: Image
    private let version: String?
    private let policy: String?
    private let reason: String?

    /// - Parameters:
    ///   - version: the exact one, as far as it is known here.
    ///   - policy: the policy of runs that name none.
    ///   - reason: why it cannot be used now, and how to fix it; nil when it can.
    init(_ image: Image, version: String?, policy: String?, reason: String?) {
        self.image = image
        self.version = version
        self.policy = policy
        self.reason = reason
    }

    private enum Key: String, CodingKey {
        case name, aliases, description, language, version, file, extensions, editor, policy, steps, warm, artifacts
        case sample, available, reason, checks, sessions
        case choosesMain = "chooses_main"
        case compilerOptions = "compiler_options"
        case sampleInput = "sample_stdin"
    }

    /// Every key is always present: unknown values are null.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(image.name, forKey: .name)
        try container.encode(image.aliases, forKey: .aliases)
        try container.encode(image.description, forKey: .description)
        try container.encode(image.language, forKey: .language)
        try container.encode(version, forKey: .version)
        try container.encode(image.file.description, forKey: .file)
        try container.encode(image.takesMain, forKey: .choosesMain)
        try container.encode(image.extensions, forKey: .extensions)
        try container.encode(image.editor, forKey: .editor)
        try container.encode(policy, forKey: .policy)
        try container.encode(image.compile == nil ? [StepName.run] : [.compile, .run], forKey: .steps)
        try container.encode(image.compile?.options ?? [], forKey: .compilerOptions)
        let checks: [RequestedCheck] = image.compile == nil && image.syntax == nil ? [] : [.syntax]
        try container.encode(checks, forKey: .checks)
        try container.encode(image.session != nil, forKey: .sessions)
        try container.encode(image.warm.mode.rawValue, forKey: .warm)
        try container.encode(image.artifacts, forKey: .artifacts)
        try container.encode(image.check.code, forKey: .sample)
        try container.encode(image.check.stdin, forKey: .sampleInput)
        try container.encode(reason == nil, forKey: .available)
        try container.encode(reason, forKey: .reason)
    }
}
