internal import ConfigurationFiles
internal import SandboxSpec

/// Reads one `image.yaml` into an `Image`, noting every error with its line.
struct ImageReader {
    static let keys = [
        "version", "name", "aliases", "description", "extensions", "language", "release", "editor", "root", "file",
        "compile", "run", "env", "warm", "session", "live", "syntax", "hints", "artifacts", "check",
    ]
    /// The longest program or expected output a check may have.
    static let maximumCheckBytes = 65_536

    let reader: MappingReader
    let directory: String

    /// - Throws: all errors in the document.
    static func image(from node: YAMLNode, directory: String) throws(ConfigurationError) -> Image {
        let log = DiagnosticLog()
        let image = MappingReader(node, log: log).flatMap { ImageReader(reader: $0, directory: directory).image() }
        try log.throwIfAny()
        guard let image else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    at: node.location, key: "", found: "an incomplete image", allowed: "all required keys"))
        }
        return image
    }

    /// Nil when anything required is missing or wrong; the log then says what.
    private func image() -> Image? {
        reader.rejectKeys(notIn: Self.keys)
        _ = reader.integer("version", in: Image.version...Image.version, required: true)
        let name = name()
        let aliases = names("aliases")
        let description = reader.string("description")?.value ?? ""
        let extensions = names("extensions")
        let language = language()
        let release = release()
        let editor = editor()
        let root = RootReader(directory: directory).root(in: reader)
        let file = path("file", in: reader, required: true)
        let aids = ImageAidsReader(reader: reader, commands: self)
        let live = aids.live()
        let compile = compile(live: live.compile)
        let run = command("run", in: reader, live: live.run)
        aids.checkPlaceholders(live, compile: compile?.run, run: run)
        let syntax = aids.syntax()
        let hints = aids.hints()
        let environment = environment()
        let warm = warmth(in: reader)
        let session = SessionRecipeReader(reader: reader, commands: self).session()
        let artifacts = globs("artifacts", in: reader, allowed: "globs of files to export") ?? []
        let check = check()
        guard let name, let root, let file, let run, let check else { return nil }
        return Image(
            name: name, aliases: aliases, description: description, extensions: extensions,
            language: language ?? name, release: release, editor: editor, root: root, file: file, compile: compile,
            run: run, environment: environment, warm: warm, session: session, live: live.output, syntax: syntax,
            hints: hints, artifacts: artifacts, check: check, directory: directory)
    }

    private func name() -> String? {
        word("name", in: reader, required: true, ImageWords.isName, allowed: ImageWords.nameForm)
    }

    private func language() -> String? {
        word("language", in: reader, ImageWords.isName, allowed: ImageWords.nameForm)
    }

    private func editor() -> String? {
        word("editor", in: reader, ImageWords.isEditorMode, allowed: ImageWords.editorForm)
    }

    private func release() -> Release? {
        guard let inner = reader.mapping("release") else { return nil }
        inner.rejectKeys(notIn: ["version", "package"])
        let version = word("version", in: inner, required: true, ImageWords.isRelease, allowed: ImageWords.releaseForm)
        let package = word("package", in: inner, ImageWords.isPackage, allowed: ImageWords.packageForm)
        return version.map { Release(version: $0, package: package) }
    }

    private func word(
        _ key: String, in reader: MappingReader, required: Bool = false, _ isGood: (String) -> Bool, allowed: String
    ) -> String? {
        guard let text = reader.string(key, required: required) else { return nil }
        guard isGood(text.value) else {
            reader.reject(key, found: ConfigurationDiagnostic.quote(text.value), allowed: allowed)
            return nil
        }
        return text.value
    }

    private func names(_ key: String) -> [String] {
        guard let items = reader.strings(key, maximumCount: 32) else { return [] }
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let found = ConfigurationDiagnostic.quote(item.value)
            let path = "\(key)[\(index)]"
            if !ImageWords.isName(item.value) {
                reader.log.add(at: item.location, key: path, found: found, allowed: ImageWords.nameForm)
            } else if !seen.insert(item.value).inserted {
                reader.log.add(at: item.location, key: path, found: "\(found) twice", allowed: "each once")
            }
        }
        return items.map(\.value)
    }

    private func path(_ key: String, in reader: MappingReader, required: Bool = false) -> BoxPath? {
        guard let text = reader.string(key, required: required, maximumBytes: 4096) else { return nil }
        do throws(InvalidBoxPath) {
            return try BoxPath(text.value)
        } catch {
            reader.reject(
                key, found: ConfigurationDiagnostic.quote(text.value), allowed: "a relative path", hint: error.reason)
            return nil
        }
    }

    /// A command: at least one argument, and as many and as long ones as a job may have.
    func command(_ key: String, in reader: MappingReader, live: [String] = []) -> CommandTemplate? {
        guard
            let items = reader.strings(
                key, required: true, maximumCount: Job.maximumStrings, maximumBytes: 16_384, allowEmpty: true)
        else { return nil }
        guard let first = items.first, !first.value.isEmpty else {
            reader.reject(key, found: "no command", allowed: "a list: the program, then its arguments")
            return nil
        }
        let bytes = items.reduce(0) { $0 + $1.value.utf8.count + 1 }
        guard bytes <= Job.maximumStringBytes else {
            reader.reject(key, found: "\(bytes) bytes", allowed: "at most \(Job.maximumStringBytes) bytes together")
            return nil
        }
        for (index, item) in items.enumerated() {
            guard let allowed = CommandTemplate.diagnostic(in: item.value) else { continue }
            reader.log.add(
                at: item.location, key: reader.path(to: key) + "[\(index)]",
                found: ConfigurationDiagnostic.quote(item.value), allowed: allowed)
        }
        return CommandTemplate(items.map(\.value), live: live)
    }

    private func environment() -> [String] { variables("env", in: reader) }

    func variables(_ key: String, in reader: MappingReader) -> [String] {
        guard let pairs = reader.stringMap(key, maximumCount: 128, maximumBytes: 8192) else { return [] }
        for pair in pairs where !ImageWords.isVariable(pair.key.value) {
            let key = reader.path(to: key) + "." + pair.key.value
            reader.log.add(
                at: pair.key.location, key: key, found: ConfigurationDiagnostic.quote(pair.key.value),
                allowed: ImageWords.variableForm)
        }
        return pairs.map { "\($0.key.value)=\($0.value.value)" }
    }

    private func compile(live: [String]) -> CompileStep? {
        guard let inner = reader.mapping("compile") else { return nil }
        inner.rejectKeys(notIn: ["run", "options", "produces", "limits", "boot"])
        let run = command("run", in: inner, live: live)
        let options = options(in: inner, run)
        let produces = globs(
            "produces", in: inner, required: true, allowed: "globs of the files the run needs")
        let limits = inner.limits("limits").mapValues(\.value)
        let boot = script("boot", in: inner)
        guard let run, let produces else { return nil }
        return CompileStep(run: run, options: options, produces: produces, limits: limits, warmScript: boot)
    }

    private func options(in inner: MappingReader, _ run: CommandTemplate?) -> [String] {
        let items = inner.strings(
            "options", maximumCount: CompileStep.maximumOptions, maximumBytes: CompileStep.maximumOptionBytes)
        guard let items, let run else { return [] }
        if !run.has(.options) {
            inner.reject("options", found: "options", allowed: "a place for them in compile.run: {options}")
        }
        return items.map(\.value)
    }

    private func globs(
        _ key: String, in reader: MappingReader, required: Bool = false, allowed: String
    ) -> [String]? {
        guard
            let items = reader.strings(
                key, required: required, maximumCount: ArtifactRequest.maximumPatterns,
                maximumBytes: ArtifactRequest.maximumPatternBytes)
        else { return nil }
        guard !items.isEmpty else {
            reader.reject(key, found: "an empty list", allowed: allowed)
            return nil
        }
        for (index, item) in items.enumerated() {
            do throws(InvalidBoxPath) {
                _ = try BoxPath(item.value)
            } catch {
                reader.log.add(
                    at: item.location, key: reader.path(to: key) + "[\(index)]",
                    found: ConfigurationDiagnostic.quote(item.value), allowed: "a glob relative to /box",
                    hint: error.reason)
            }
        }
        return items.map(\.value)
    }

    /// - Parameter takesScript: whether another file than the command's own may be the one that is looked at.
    func warmth(in reader: MappingReader, takesScript: Bool = true) -> WarmRecipe {
        guard let inner = reader.mapping("warm") else { return .cold }
        inner.rejectKeys(notIn: ["mode", "language"] + (takesScript ? ["script"] : []) + ["preload", "env"])
        let mode = inner.choice("mode", of: Warmth.self, required: true)?.value
        let language = inner.choice("language", of: ZygoteLanguage.self)?.value
        let script = takesScript ? script("script", in: inner) : nil
        let preload = modules(in: inner)
        let environment = inner.choice("env", of: WarmRecipe.Variables.self)?.value
        guard let mode else { return .cold }
        let needless: [String]
        switch mode {
        case .fork:
            needless = ["env"]
            if !inner.contains("language") {
                inner.reject(
                    "language", found: "nothing",
                    allowed: ZygoteLanguage.allCases.map(\.rawValue).joined(separator: ", ") + ", because mode is fork")
            }
            if let language, !language.takesModules, !preload.isEmpty {
                inner.reject("preload", found: "modules", allowed: "nothing for \(language.rawValue)")
            } else if let language,
                let name = preload.first(where: { Interpreter.isModule($0) && !language.isModule($0) })
            {
                inner.reject(
                    "preload", found: ConfigurationDiagnostic.quote(name), allowed: "modules of \(language.rawValue)")
            }
        case .boot: needless = ["language", "preload"]
        case .none: needless = ["language", "preload", "script", "env"]
        }
        for key in needless where inner.contains(key) {
            inner.reject(key, found: "a value", allowed: "nothing, because mode is \(mode.rawValue)")
        }
        return WarmRecipe(
            mode: mode, language: language, script: script, preload: preload, environment: environment ?? .live)
    }

    /// The name of a file in /box.
    private func script(_ key: String, in inner: MappingReader) -> String? {
        guard let text = inner.string(key, maximumBytes: Interpreter.maximumScriptBytes) else { return nil }
        guard Interpreter.isScript(text.value) else {
            inner.reject(
                key, found: ConfigurationDiagnostic.quote(text.value),
                allowed: "a file name without /: letters, digits and _ . -, not . or - first")
            return nil
        }
        return text.value
    }

    private func modules(in inner: MappingReader) -> [String] {
        let items = inner.strings(
            "preload", maximumCount: Interpreter.maximumModules, maximumBytes: Interpreter.maximumModuleBytes)
        for (index, item) in (items ?? []).enumerated() where !Interpreter.isModule(item.value) {
            inner.log.add(
                at: item.location, key: inner.path(to: "preload") + "[\(index)]",
                found: ConfigurationDiagnostic.quote(item.value),
                allowed: "a module: letters, digits and _ . / -, without ..")
        }
        return items?.map(\.value) ?? []
    }

    private func check() -> CheckProgram? {
        guard let inner = reader.mapping("check", required: true) else { return nil }
        inner.rejectKeys(notIn: ["code", "stdout", "stdin"])
        let limit = Self.maximumCheckBytes
        let code = inner.string("code", required: true, maximumBytes: limit)?.value
        let stdout = inner.string("stdout", required: true, maximumBytes: limit, allowEmpty: true)?.value
        let stdin = inner.string("stdin", maximumBytes: limit, allowEmpty: true)?.value
        guard let code, let stdout else { return nil }
        return CheckProgram(code: code, stdin: stdin ?? "", stdout: stdout)
    }
}
