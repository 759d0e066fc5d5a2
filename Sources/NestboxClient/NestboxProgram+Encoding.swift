internal import EgressRules
internal import FoundationEssentials
package import RunModel
internal import SandboxSpec

/// Uses the keys that the service reads: there is only one list of them.
extension NestboxProgram: Encodable {
    /// Encodes the program as the service reads it; nil fields are omitted.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: SubmissionKey.self)
        try container.encode(language, forKey: .language)
        try container.encodeIfPresent(code, forKey: .code)
        try container.encode(files, forKey: .files)
        try container.encodeIfPresent(main, forKey: .main)
        try container.encode(compilerOptions, forKey: .compilerOptions)
        try container.encodeIfPresent(stdin, forKey: .stdin)
        try container.encode(args, forKey: .arguments)
        try container.encode(env, forKey: .environment)
        try container.encodeIfPresent(policy, forKey: .policy)
        try container.encode(limits, forKey: .limits)
        if let egress {
            try container.encode(["egress": egress], forKey: .network)
        } else {
            try container.encodeIfPresent(network, forKey: .network)
        }
        try container.encodeIfPresent(artifacts, forKey: .artifacts)
        try container.encodeIfPresent(cache, forKey: .cache)
        try container.encodeIfPresent(buffering, forKey: .buffering)
        try container.encodeIfPresent(check, forKey: .check)
    }
}

extension NestboxProgram.File: Encodable {
    /// Encodes the file as the service reads it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: SubmissionKey.File.self)
        try container.encode(name, forKey: .name)
        try container.encode(content, forKey: .content)
        try container.encode(encoding, forKey: .encoding)
        try container.encode(executable, forKey: .executable)
    }
}

extension NestboxProgram {
    /// A request as a program: files in base64, whatever their content.
    ///
    /// - Returns: nil when the program text is not UTF-8, for which the API has no form.
    package init?(_ request: RunRequest) {
        var text: String?
        if let code = request.code {
            guard let valid = String(validating: code, as: UTF8.self) else { return nil }
            text = valid
        }
        self.init(language: request.language, code: text)
        files = request.files.map { file in
            File(
                name: file.path, content: Data(file.content).base64EncodedString(), encoding: "base64",
                executable: file.executable)
        }
        main = request.main
        compilerOptions = request.compilerOptions
        args = request.arguments
        env = request.environment
        policy = request.policy
        limits = request.limits
        network = request.network?.access.name
        egress = request.network?.hosts?.map(\.description)
        artifacts = request.artifacts
        buffering = request.buffering.rawValue
        check = request.check?.rawValue
    }
}
