internal import ConfigurationFiles
internal import SandboxSpec

/// Reads `live`, `syntax` and `hints` of an `image.yaml`.
struct ImageAidsReader {
    let reader: MappingReader
    let commands: ImageReader

    struct Live {
        var output = LiveOutput.none
        var compile: [String] = []
        var run: [String] = []
    }

    func live() -> Live {
        guard let inner = reader.mapping("live") else { return Live() }
        inner.rejectKeys(notIn: ["env", "full", "compile", "run"])
        func words(_ key: String) -> [String] {
            (inner.strings(key, maximumCount: 16, maximumBytes: 1024) ?? []).map(\.value)
        }
        return Live(
            output: LiveOutput(
                environment: commands.variables("env", in: inner),
                fullEnvironment: commands.variables("full", in: inner)),
            compile: words("compile"), run: words("run"))
    }

    /// Words without a place would never be used, a place without words is a slip.
    func checkPlaceholders(_ live: Live, compile: CommandTemplate?, run: CommandTemplate?) {
        for (key, words, command) in [("compile", live.compile, compile), ("run", live.run, run)] {
            let hasPlaceholder = command?.has(.live) == true
            if words.isEmpty, hasPlaceholder {
                reader.reject(key, found: "{live}", allowed: "a command without it, or words for it: live.\(key)")
            } else if !words.isEmpty, !hasPlaceholder {
                reader.reject("live", found: key, allowed: "a place for its words in the command of \(key): {live}")
            }
        }
    }

    func syntax() -> SyntaxCheck? {
        guard let inner = reader.mapping("syntax") else { return nil }
        inner.rejectKeys(notIn: ["run", "stderr"])
        let run = commands.command("run", in: inner)
        let signs = signs(in: inner)
        return run.map { SyntaxCheck(run: $0, signs: signs) }
    }

    func hints() -> [HintRule] {
        let items = reader.items("hints", maximumCount: HintRule.maximumCount) ?? []
        return items.compactMap { item in
            MappingReader(item.node, path: item.path, log: reader.log).flatMap { inner in
                inner.rejectKeys(notIn: ["kind", "stderr", "text", "language"])
                let kind = inner.string("kind", required: true)
                if let kind, !ImageWords.isName(kind.value) {
                    inner.reject("kind", found: ConfigurationDiagnostic.quote(kind.value), allowed: ImageWords.nameForm)
                }
                let text = inner.string("text", required: true, maximumBytes: HintRule.maximumBytes)?.value
                let language = inner.string("language")?.value
                let signs = signs(in: inner)
                guard let kind, let text else { return nil }
                return HintRule(kind: kind.value, signs: signs, text: text, language: language)
            }
        }
    }

    private func signs(in inner: MappingReader) -> [String] {
        let items = inner.strings(
            "stderr", required: true, maximumCount: HintRule.maximumSigns, maximumBytes: HintRule.maximumBytes)
        if items?.isEmpty == true { inner.reject("stderr", found: "an empty list", allowed: "texts to look for") }
        return items?.map(\.value) ?? []
    }
}
