internal import ConfigurationFiles
internal import RunModel
internal import SandboxSpec

/// Reads one `example.yaml` and the files beside it into an `Example`, noting every error with its line.
struct ExampleReader {
    static let keys = [
        "version", "id", "title", "description", "category", "difficulty", "tags", "files", "main", "show", "network",
        "compiler_options", "inputs", "hints", "solution", "check", "dependencies", "needs",
    ]
    /// The most files, inputs, hints, checks and tags of one example.
    static let maximumFiles = 16
    static let maximumInputs = 16
    static let maximumHints = 16
    static let maximumChecks = 16
    static let maximumTags = 16
    /// Bytes of the input and the expected output of a check.
    static let maximumCheckBytes = 16_384
    /// Characters of a title and a description.
    static let maximumTitle = 80
    static let maximumDescription = 600

    let reader: MappingReader
    let directory: String
    let language: String
    let slug: String

    /// - Throws: all errors in the document and in the files it names.
    static func example(
        from node: YAMLNode, directory: String, language: String, slug: String
    ) throws(ConfigurationError) -> Example {
        let log = DiagnosticLog()
        let example = MappingReader(node, log: log).flatMap {
            ExampleReader(reader: $0, directory: directory, language: language, slug: slug).example()
        }
        try log.throwIfAny()
        guard let example else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    at: node.location, key: "", found: "an incomplete example", allowed: "all required keys"))
        }
        return example
    }

    /// Nil when anything required is missing or wrong; the log then says what.
    private func example() -> Example? {
        reader.rejectKeys(notIn: Self.keys)
        reader.checkVersion()
        let id = id()
        let title = line("title", maximum: Self.maximumTitle)
        let description = line("description", maximum: Self.maximumDescription)
        let category = reader.choice("category", of: ExampleCategory.self, required: true)?.value
        let difficulty = reader.choice("difficulty", of: ExampleDifficulty.self, required: true)?.value
        let sources = sources()
        let inputs = ExampleInputReader(reader: reader).inputs()
        let needs = line("needs", maximum: Self.maximumDescription, required: false)
        let checks = checks(inputs: inputs, isRequired: needs == nil)
        guard let id, let title, let description, let category, let difficulty, let sources else { return nil }
        return Example(
            id: id, language: language, title: title, description: description, category: category,
            difficulty: difficulty, tags: list("tags", maximum: Self.maximumTags), files: sources.files,
            shown: shown(in: sources.files[0].text), network: network(),
            compilerOptions: list("compiler_options", maximum: Self.maximumTags), inputs: inputs,
            hints: list("hints", maximum: Self.maximumHints), solution: sources.solution, checks: checks,
            dependencies: list("dependencies", maximum: Self.maximumTags), needs: needs, location: reader.location)
    }

    /// The key `id`, or language and slug.
    private func id() -> String? {
        guard reader.contains("id") else { return "\(language)-\(slug)" }
        guard let text = reader.string("id", maximumBytes: 64) else { return nil }
        guard ExampleNames.isID(text.value) else {
            reader.reject("id", found: ConfigurationDiagnostic.quote(text.value), allowed: ExampleNames.idForm)
            return nil
        }
        return text.value
    }

    /// Text of one line.
    private func line(_ key: String, maximum: Int, required: Bool = true) -> String? {
        guard let text = reader.string(key, required: required, maximumBytes: maximum * 4) else { return nil }
        let value = text.value
        guard value.count <= maximum, !value.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            reader.reject(
                key, found: "text of \(value.count) characters",
                allowed: "one line of at most \(maximum) characters")
            return nil
        }
        return value
    }

    /// Texts of one line, each once.
    private func list(_ key: String, maximum: Int) -> [String] {
        guard let items = reader.strings(key, maximumCount: maximum) else { return [] }
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let path = reader.path(to: key) + "[\(index)]"
            if item.value.unicodeScalars.contains(where: { $0.value < 0x20 }) {
                reader.log.add(at: item.location, key: path, found: "text of several lines", allowed: "one line")
            } else if !seen.insert(item.value).inserted {
                reader.log.add(
                    at: item.location, key: path, found: "\(ConfigurationDiagnostic.quote(item.value)) twice",
                    allowed: "each once")
            }
        }
        return items.map(\.value)
    }

    private func network() -> NetworkRequest? {
        guard let text = reader.string("network") else { return nil }
        guard text.value == "loopback" || text.value == "none" else {
            reader.reject(
                "network", found: ConfigurationDiagnostic.quote(text.value),
                allowed: "none, or loopback, the sandbox's own")
            return nil
        }
        return NetworkRequest(text.value == "loopback" ? .loopback : .none)
    }

    private func shown(in text: String) -> Example.LineRange? {
        guard let inner = reader.mapping("show") else { return nil }
        inner.rejectKeys(notIn: ["first", "last"])
        let count = Int64(text.split(separator: "\n", omittingEmptySubsequences: false).count)
        let first = inner.integer("first", in: 1...count, required: true)
        let last = inner.integer("last", in: 1...count, required: true)
        guard let first, let last else { return nil }
        guard first.value <= last.value else {
            inner.reject("last", found: "\(last.value)", allowed: "\(first.value) or more, since first is that")
            return nil
        }
        return Example.LineRange(first: Int(first.value), last: Int(last.value))
    }

    // MARK: - Checks

    private func checks(inputs: [ExampleInput], isRequired: Bool) -> [Example.Check] {
        guard let items = reader.items("check", required: isRequired, maximumCount: Self.maximumChecks) else {
            return []
        }
        if items.isEmpty, isRequired {
            reader.reject("check", found: "an empty list", allowed: "at least one check")
        }
        return items.compactMap { item in
            guard let inner = MappingReader(item.node, path: item.path, log: reader.log) else { return nil }
            return check(inner, inputs)
        }
    }

    private func check(_ inner: MappingReader, _ inputs: [ExampleInput]) -> Example.Check? {
        inner.rejectKeys(notIn: ["stdin", "inputs", "stdout"])
        var values = Dictionary(uniqueKeysWithValues: inputs.map { ($0.name, $0.standard) })
        for pair in inner.stringMap("inputs", maximumBytes: Self.maximumCheckBytes) ?? [] {
            let path = inner.path(to: "inputs") + "." + pair.key.value
            guard let input = inputs.first(where: { $0.name == pair.key.value }) else {
                inner.log.add(
                    at: pair.key.location, key: path, found: "an unknown input",
                    allowed: inputs.isEmpty ? "none: there are no inputs" : inputs.map(\.name).joined(separator: ", "))
                continue
            }
            if case .failure = input.check(pair.value.value) {
                inner.log.add(
                    at: pair.value.location, key: path, found: ConfigurationDiagnostic.quote(pair.value.value),
                    allowed: input.allowed)
            }
            values[input.name] = pair.value.value
        }
        let limit = Self.maximumCheckBytes
        let stdin = inner.string("stdin", maximumBytes: limit, allowEmpty: true)?.value
        let stdout = inner.string("stdout", required: true, maximumBytes: limit, allowEmpty: true)?.value
        guard let stdout else { return nil }
        return Example.Check(
            stdin: stdin ?? ExampleInputs.stdin(inputs, values), stdout: stdout, values: values)
    }

    // MARK: - Files

    private func sources() -> (files: [Example.File], solution: String?)? {
        guard let main = path("main", required: true) else { return nil }
        var paths = [main]
        for (index, item) in (reader.strings("files", maximumCount: Self.maximumFiles) ?? []).enumerated() {
            let key = "files[\(index)]"
            guard let path = boxPath(item, key: key), path != main else { continue }
            if paths.contains(path) {
                reader.log.add(
                    at: item.location, key: key, found: "\(ConfigurationDiagnostic.quote(path)) twice",
                    allowed: "each once")
            } else {
                paths.append(path)
            }
        }
        var files: [Example.File] = []
        var total = 0
        for path in paths {
            let key = path == main ? "main" : "files"
            guard let text = text(path, key: key) else { continue }
            total += text.utf8.count
            files.append(Example.File(path: path, text: text))
        }
        var solution: String?
        if let path = path("solution") {
            if paths.contains(path) {
                reader.reject(
                    "solution", found: ConfigurationDiagnostic.quote(path), allowed: "a file that is not shown")
            } else {
                solution = text(path, key: "solution")
                if solution == nil { return nil }
            }
        }
        guard total <= ExampleFiles.maximumTotalBytes else {
            reader.reject(
                "files", found: "\(total) bytes", allowed: "at most \(ExampleFiles.maximumTotalBytes) bytes together")
            return nil
        }
        return files.count == paths.count ? (files, solution) : nil
    }

    private func path(_ key: String, required: Bool = false) -> String? {
        reader.string(key, required: required).flatMap { boxPath($0, key: key) }
    }

    private func boxPath(_ text: Located<String>, key: String) -> String? {
        do throws(InvalidBoxPath) {
            let path = try BoxPath(text.value).description
            guard path != ExampleNames.description else {
                reader.log.add(
                    at: text.location, key: key, found: ConfigurationDiagnostic.quote(path),
                    allowed: "another file than the description itself")
                return nil
            }
            return path
        } catch {
            reader.log.add(
                at: text.location, key: key, found: ConfigurationDiagnostic.quote(text.value),
                allowed: "a path in this directory", hint: error.reason)
            return nil
        }
    }

    private func text(_ path: String, key: String) -> String? {
        switch ExampleFiles.text(atPath: directory + "/" + path) {
        case .success(let text):
            guard !text.isEmpty || key == "files" else {
                reader.reject(
                    key, found: "\(ConfigurationDiagnostic.quote(path)), which is empty", allowed: "a program")
                return nil
            }
            return text
        case .failure(let error):
            reader.reject(
                key, found: "\(ConfigurationDiagnostic.quote(path)): \(error.reason)",
                allowed: "a regular file of UTF-8 text in this directory")
            return nil
        }
    }
}
