package import SandboxSpec
package import StrictJSON

/// What happens to a run when the connection that submitted it ends first.
package enum OnDisconnect: String, Sendable, Codable, CaseIterable {
    case cancel, detach
}

/// Whether the result of compiling the same before may be used, and kept.
package enum CacheUse: String, Sendable, Codable, CaseIterable {
    case on, off
}

/// The body of `execute`, over every transport: a program and what surrounds its run. Well-formed, not yet checked against
/// image and policy.
package struct Submission: Sendable, Equatable {
    package var request: RunRequest
    /// Where each of the request's files stands in the client's list, when some of that could not be read.
    package var places: [Int] = []
    package var stdin: [UInt8]?
    package var interactive: Bool?
    package var terminal: TerminalSize?
    package var onDisconnect = OnDisconnect.cancel
    package var cache = CacheUse.on
    /// Among the runs of its tenant, 0 to 9; as the tenant's file says when nil.
    package var priority: Int?
    /// What was wrong with the fields themselves. The planner adds its own and reports all together.
    package var errors = RequestErrors()

    package init(_ request: RunRequest) {
        self.request = request
    }

    /// Reads a request body.
    ///
    /// - Throws: `INVALID_JSON`. Wrong fields are in `errors`.
    package static func read(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> Submission {
        let reader = try ObjectReader.parse(bytes, limits: limits)
        var submission = Submission(reader)
        submission.errors = reader.collected()
        return submission
    }

    /// Reads a request body that has to be right in itself.
    ///
    /// - Throws: `INVALID_JSON`, or `INVALID_REQUEST` with every wrong field in its details.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> Submission {
        let submission = try read(bytes, limits: limits)
        try submission.errors.throwIfAny()
        return submission
    }

    /// Reads the fields out of an object; errors stay with the reader.
    init(_ reader: ObjectReader) {
        typealias Key = SubmissionKey
        request = RunRequest(language: reader.string(Key.language, required: true, maximumBytes: 64) ?? "")
        request.code = reader.string(Key.code).map { Array($0.utf8) }
        let read = Self.files(reader)
        request.files = read.map(\.file)
        if read.map(\.place) != Array(read.indices) { places = read.map(\.place) }
        request.main = reader.string(Key.main, maximumBytes: 1024)
        request.compilerOptions = reader.strings(Key.compilerOptions.rawValue) ?? []
        stdin = InputBody.bytes(reader, Key.stdin.rawValue, encoding: Key.stdinEncoding.rawValue)
        interactive = reader.bool(Key.interactive.rawValue)
        request.arguments = reader.strings(Key.arguments.rawValue) ?? []
        request.environment =
            reader.dictionary(Key.environment.rawValue, "a string") {
                if case .string(let text) = $0 { text } else { nil }
            } ?? [:]
        request.policy = reader.string(Key.policy, maximumBytes: 64)
        if request.policy?.isEmpty == true {
            reader.complain(Key.policy.rawValue, "is empty, expected is the name of a policy")
        }
        request.limits =
            reader.dictionary(Key.limits.rawValue, "a value with its unit") { value in
                switch value {
                case .string(let text): text
                // A count may be written 8.0, as JSON lets it.
                case .number(let number): number.whole.map { String($0) } ?? number.text
                default: nil
                }
            } ?? [:]
        request.network = reader.network(Key.network.rawValue)
        request.artifacts = reader.strings(Key.artifacts.rawValue)
        terminal = Self.terminal(reader)
        onDisconnect = Self.choice(.onDisconnect, reader) ?? .cancel
        cache = Self.choice(.cache, reader) ?? .on
        priority = reader.integer(Key.priority.rawValue, in: 0...9).map { Int($0) }
        request.buffering = Self.choice(.buffering, reader) ?? .line
        request.check = Self.choice(.check, reader)
        let hasFiles =
            switch reader.value(Key.files.rawValue) {
            case nil: false
            case .array(let list)?: !list.isEmpty
            default: true
            }
        if reader.value(Key.code.rawValue) == nil, !hasFiles {
            reader.complain(Key.code.rawValue, "is missing, and there are no files either")
        }
    }

    /// The files that could be read, each with its place in the client's list.
    private static func files(_ reader: ObjectReader) -> [(place: Int, file: RunRequest.File)] {
        typealias Key = SubmissionKey.File
        return reader.objects(SubmissionKey.files.rawValue, maximum: RunRequest.maximumFiles) { file, index in
            let name = file.string(Key.name.rawValue, required: true, maximumBytes: 1024)
            let content = InputBody.bytes(
                file, Key.content.rawValue, encoding: Key.encoding.rawValue, required: true)
            let executable = file.bool(Key.executable.rawValue) ?? false
            guard let name, let content else { return nil }
            return (index, RunRequest.File(path: name, content: content, executable: executable))
        } ?? []
    }

    /// One of a few words; nil when there is none, or another, which is noted.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: SubmissionKey, _ reader: ObjectReader
    ) -> Choice? {
        guard let text = reader.string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: " or ")
        reader.complain(key.rawValue, "is \"\(ObjectReader.shown(text, 32))\", expected is \(allowed)")
        return nil
    }

    private static func terminal(_ reader: ObjectReader) -> TerminalSize? {
        let key = SubmissionKey.terminal.rawValue
        switch reader.value(key) {
        case nil, .bool(false)?: return nil
        case .bool(true)?: return TerminalSize(rows: 24, columns: 80)
        case .object(let object)?: return reader.nested(key, object) { $0.terminalSize() }
        case let value?:
            reader.complain(key, "is \(value.typeName), expected is a boolean or {rows, cols}")
            return nil
        }
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

    fileprivate func string(_ key: SubmissionKey, required: Bool = false, maximumBytes: Int = .max) -> String? {
        string(key.rawValue, required: required, maximumBytes: maximumBytes)
    }
}
