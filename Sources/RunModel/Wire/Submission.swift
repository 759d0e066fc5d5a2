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
    /// Where each of them stands in the client's list, when some of that could not be read.
    package var places: [Int] = []
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
    package var buffering = OutputBuffering.line
    package var check: RequestedCheck?
    /// What was wrong with the fields themselves. Whoever checks the rest tells of it all together.
    package var mistakes = RequestMistakes()

    package init() {}

    /// Reads a request body.
    ///
    /// - Throws: `INVALID_JSON`. Wrong fields are in `mistakes`.
    package static func read(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> Submission {
        let reader = try ObjectReader.parse(bytes, limits: limits)
        var submission = Submission(reader)
        submission.mistakes = reader.collected()
        return submission
    }

    /// Reads a request body that has to be right in itself.
    ///
    /// - Throws: `INVALID_JSON`, or `INVALID_REQUEST` with every wrong field in its details.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> Submission {
        let submission = try read(bytes, limits: limits)
        try submission.mistakes.throwIfAny()
        return submission
    }

    /// Reads the fields out of an object; mistakes stay with the reader.
    init(_ reader: ObjectReader) {
        language = reader.string("language", required: true, maximumBytes: 64) ?? ""
        code = reader.string("code").map { Array($0.utf8) }
        let read =
            reader.objects("files", maximum: RunRequest.maximumFiles) { file, index in
                let name = file.string("name", required: true, maximumBytes: 1024)
                let content = InputBody.bytes(file, "content", required: true)
                let executable = file.bool("executable") ?? false
                guard let name, let content else { return nil }
                return (index, RunRequest.File(path: name, content: content, executable: executable))
            } as [(Int, RunRequest.File)]?
        files = read?.map(\.1) ?? []
        let indices = read?.map(\.0) ?? []
        if indices != Array(files.indices) { places = indices }
        main = reader.string("main", maximumBytes: 1024)
        compilerOptions = reader.strings("compiler_options") ?? []
        stdin = InputBody.bytes(reader, "stdin", encoding: "stdin_encoding")
        interactive = reader.bool("interactive")
        arguments = reader.strings("args") ?? []
        environment =
            reader.dictionary("env", "a string") { if case .string(let text) = $0 { text } else { nil } } ?? [:]
        policy = reader.string("policy", maximumBytes: 64)
        if policy?.isEmpty == true { reader.complain("policy", "is empty, expected is the name of a policy") }
        limits =
            reader.dictionary("limits", "a value with its unit") { value in
                switch value {
                case .string(let text): text
                // A count may be written 8.0, as JSON lets it.
                case .number(let number): number.whole.map { String($0) } ?? number.text
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
        onDisconnect = Self.choice("on_disconnect", reader) ?? .cancel
        cache = Self.choice("cache", reader) ?? .on
        buffering = Self.choice("buffering", reader) ?? .line
        check = Self.choice("check", reader)
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

    /// One of a few words; nil when there is none, or another, which is noted.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ reader: ObjectReader
    ) -> Choice? {
        guard let text = reader.string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: " or ")
        reader.complain(key, "is \"\(ObjectReader.shown(text, 32))\", expected is \(allowed)")
        return nil
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

    /// The request for the planner, and where its files stand in this submission: a mistake is told by the client's own count.
    ///
    /// - Parameter mainFile: what the language calls its program; nil when it is not known.
    package func request(mainFile: String?) -> (request: RunRequest, fields: RequestFields) {
        var source: RunRequest.File?
        var fields = RequestFields(files: places.count == files.count ? places : Array(files.indices))
        var others = files
        let name = main ?? mainFile
        if let code {
            source = RunRequest.File(path: "", content: code)
        } else if let name, let index = files.firstIndex(where: { $0.path == name }) {
            source = others.remove(at: index)
            source?.path = ""
            fields.source = "files[\(fields.files[index])].content"
            fields.files.remove(at: index)
        }
        fields.hasSource = source != nil
        let request = RunRequest(
            language: language, policy: policy, source: source ?? RunRequest.File(path: "", content: []),
            files: others, main: main, compilerOptions: compilerOptions, arguments: arguments,
            environment: environment, limits: limits, artifacts: artifacts, buffering: buffering, check: check)
        return (request, fields)
    }
}

/// What the parts of a request are called where they came from.
package struct RequestFields: Sendable, Equatable {
    /// Where the program's text is.
    package var source = "code"
    /// Whether there is one.
    package var hasSource = true
    /// The place of each further file in the client's own list.
    package var files: [Int]

    package init(files: [Int]) {
        self.files = files
    }

    package func file(_ index: Int) -> String {
        "files[\(files.indices.contains(index) ? files[index] : index)].name"
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
