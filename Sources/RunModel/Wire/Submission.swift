package import SandboxSpec
package import StrictJSON

/// What it means when the connection of whoever submitted a run ends before the run.
package enum OnDisconnect: String, Sendable, Codable, CaseIterable {
    case cancel, detach
}

/// Whether the result of compiling the same before may be used, and kept.
package enum CacheUse: String, Sendable, Codable, CaseIterable {
    case on, off
}

/// The body of `execute`, over every transport: well-formed, not yet checked against image and policy.
package struct Submission: Sendable, Equatable {
    package var language = ""
    package var code: [UInt8]?
    package var files: [RunRequest.File] = []
    package var main: String?
    package var compilerOptions: [String] = []
    package var stdin: [UInt8]?
    package var interactive: Bool?
    package var arguments: [String] = []
    package var environment: [String: String] = [:]
    package var policy: String?
    package var limits: [String: String] = [:]
    /// The policy's own when absent.
    package var network: NetworkAccess?
    package var artifacts: [String]?
    package var terminal: TerminalSize?
    package var onDisconnect = OnDisconnect.cancel
    package var cache = CacheUse.on

    package init() {}

    /// Reads a request body.
    ///
    /// - Throws: `INVALID_JSON`, or `INVALID_REQUEST` with every wrong field in its details.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> Submission {
        let reader = try ObjectReader.parse(bytes, limits: limits)
        let submission = Submission(reader)
        try reader.finish()
        return submission
    }

    /// Reads the fields out of an object; mistakes stay with the reader.
    init(_ reader: ObjectReader) {
        language = reader.string("language", required: true, maximumBytes: 64) ?? ""
        code = reader.string("code").map { Array($0.utf8) }
        files =
            reader.objects("files", maximum: RunRequest.maximumFiles) { file in
                let name = file.string("name", required: true, maximumBytes: 1024)
                let content = InputBody.bytes(file, "content", required: true)
                let executable = file.bool("executable") ?? false
                guard let name, let content else { return nil }
                return RunRequest.File(path: name, content: content, executable: executable)
            } ?? []
        main = reader.string("main", maximumBytes: 1024)
        compilerOptions = reader.strings("compiler_options") ?? []
        stdin = InputBody.bytes(reader, "stdin", encoding: "stdin_encoding")
        interactive = reader.bool("interactive")
        arguments = reader.strings("args") ?? []
        environment =
            reader.dictionary("env", "a string") { if case .string(let text) = $0 { text } else { nil } } ?? [:]
        policy = reader.string("policy", maximumBytes: 64)
        limits =
            reader.dictionary("limits", "a value with its unit") { value in
                switch value {
                case .string(let text): text
                case .number(let number): number.text
                default: nil
                }
            } ?? [:]
        if let text = reader.string("network") {
            network = NetworkAccess(name: text)
            if network == nil {
                reader.complain("network", "is \"\(ObjectReader.shown(text, 32))\", expected is none or loopback")
            }
        }
        artifacts = reader.strings("artifacts")
        terminal = Self.terminal(reader)
        if let text = reader.string("on_disconnect") {
            if let choice = OnDisconnect(rawValue: text) {
                onDisconnect = choice
            } else {
                reader.complain("on_disconnect", "is \"\(ObjectReader.shown(text, 32))\", expected is cancel or detach")
            }
        }
        if let text = reader.string("cache") {
            if let choice = CacheUse(rawValue: text) {
                cache = choice
            } else {
                reader.complain("cache", "is \"\(ObjectReader.shown(text, 32))\", expected is on or off")
            }
        }
        let hasFiles =
            switch reader.value("files") {
            case nil: false
            case .array(let list)?: !list.isEmpty
            default: true
            }
        if reader.value("code") == nil, !hasFiles {
            reader.complain("code", "is missing, and there are no files either")
        }
    }

    private static func terminal(_ reader: ObjectReader) -> TerminalSize? {
        switch reader.value("tty") {
        case nil, .bool(false)?: return nil
        case .bool(true)?: return TerminalSize(rows: 24, columns: 80)
        case .object(let object)?: return reader.nested("tty", object) { $0.terminalSize() }
        case let value?:
            reader.complain("tty", "is \(value.typeName), expected is a boolean or {rows, cols}")
            return nil
        }
    }

    /// The request for the planner.
    ///
    /// - Parameter mainFile: what the language calls its program.
    /// - Throws: when there is no program.
    package func request(mainFile: String) throws(APIError) -> RunRequest {
        let name = main ?? mainFile
        var source: RunRequest.File
        var others = files
        if let code {
            source = RunRequest.File(path: "", content: code)
        } else if let index = files.firstIndex(where: { $0.path == name }) {
            source = others.remove(at: index)
            source.path = ""
        } else {
            throw APIError(
                .invalidRequest, "there is no code, and no file is called \(ObjectReader.shown(name, 80))",
                details: [
                    "code": "is missing",
                    "files": main == nil
                        ? "one of them has to be called \(name), or main has to say which it is"
                        : "none of them is the main one",
                ])
        }
        return RunRequest(
            language: language, policy: policy, source: source, files: others, main: main,
            compilerOptions: compilerOptions, arguments: arguments, environment: environment, limits: limits,
            artifacts: artifacts)
    }
}

extension ObjectReader {
    /// Rows and columns, as the kernel takes them.
    func terminalSize() -> TerminalSize? {
        let rows = integer("rows", in: 1...1000, required: true)
        let columns = integer("cols", in: 1...1000, required: true)
        guard let rows, let columns else { return nil }
        return TerminalSize(rows: UInt16(rows), columns: UInt16(columns))
    }
}
