/// One submission, as a front end hands it in. Nothing in it has been checked yet; a run plan does that.
package struct RunRequest: Sendable, Equatable {
    /// A file to be written below /box before the program starts.
    package struct File: Sendable, Equatable {
        package var path: String
        package var content: [UInt8]
        package var executable: Bool

        package init(path: String, content: [UInt8], executable: Bool = false) {
            self.path = path
            self.content = content
            self.executable = executable
        }
    }

    /// A language by its name or an alias.
    package var language: String
    /// A policy by name; the one named like the language's image when absent.
    package var policy: String?
    /// The program text. Its path is `main`, or the image's own file name, unless the request gives one.
    package var source: File
    package var files: [File]
    /// Which file is the main one, relative to /box; the image's own file name when absent.
    package var main: String?
    /// Added to the compiler's; the image says which are allowed.
    package var compilerOptions: [String]
    package var arguments: [String]
    package var environment: [String: String]
    /// When what the program prints is to come.
    package var buffering: OutputBuffering
    /// What is to be found out about the program in place of running it.
    package var check: RequestedCheck?
    /// Wanted limits of the run step, with units: `["cpu": "2s"]`.
    package var limits: [String: String]
    /// Globs, relative to /box, of the files to hand out at the end; the image's own when absent.
    package var artifacts: [String]?

    package init(
        language: String, policy: String? = nil, source: File, files: [File] = [], main: String? = nil,
        compilerOptions: [String] = [], arguments: [String] = [], environment: [String: String] = [:],
        limits: [String: String] = [:], artifacts: [String]? = nil, buffering: OutputBuffering = .line,
        check: RequestedCheck? = nil
    ) {
        self.language = language
        self.policy = policy
        self.source = source
        self.files = files
        self.main = main
        self.compilerOptions = compilerOptions
        self.arguments = arguments
        self.environment = environment
        self.limits = limits
        self.artifacts = artifacts
        self.buffering = buffering
        self.check = check
    }

    /// The most files one request may carry, source included.
    package static let maximumFiles = 256
    /// The longest name of an environment variable, and of its value, in bytes.
    package static let maximumEnvironmentNameBytes = 255
}

extension RunRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case language, policy, source, files, main, arguments, environment, limits, artifacts, buffering, check
        case compilerOptions = "compiler_options"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        language = try container.decode(String.self, forKey: .language)
        policy = try container.decodeIfPresent(String.self, forKey: .policy)
        source = try container.decode(File.self, forKey: .source)
        files = try container.decodeIfPresent([File].self, forKey: .files) ?? []
        main = try container.decodeIfPresent(String.self, forKey: .main)
        compilerOptions = try container.decodeIfPresent([String].self, forKey: .compilerOptions) ?? []
        arguments = try container.decodeIfPresent([String].self, forKey: .arguments) ?? []
        environment = try container.decodeIfPresent([String: String].self, forKey: .environment) ?? [:]
        limits = try container.decodeIfPresent([String: String].self, forKey: .limits) ?? [:]
        artifacts = try container.decodeIfPresent([String].self, forKey: .artifacts)
        buffering = try container.decodeIfPresent(OutputBuffering.self, forKey: .buffering) ?? .line
        check = try container.decodeIfPresent(RequestedCheck.self, forKey: .check)
    }
}

extension RunRequest.File: Codable {
    private enum CodingKeys: String, CodingKey {
        case path, content, encoding, executable
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        path = try container.decodeIfPresent(String.self, forKey: .path) ?? ""
        executable = try container.decodeIfPresent(Bool.self, forKey: .executable) ?? false
        let encoding = try container.decodeIfPresent(OutputText.Encoding.self, forKey: .encoding) ?? .utf8
        let data = try container.decode(String.self, forKey: .content)
        guard let text = OutputText(data: data, encoding: encoding) else {
            throw DecodingError.dataCorruptedError(
                forKey: .content, in: container, debugDescription: "the content is not valid base64")
        }
        content = text.bytes
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let text = OutputText(content).rendered
        try container.encode(path, forKey: .path)
        try container.encode(text.data, forKey: .content)
        try container.encode(text.encoding, forKey: .encoding)
        try container.encode(executable, forKey: .executable)
    }
}
