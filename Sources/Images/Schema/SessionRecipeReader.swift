internal import ConfigurationFiles
internal import SandboxSpec

/// Reads `session` of an `image.yaml`, and the files that it names.
struct SessionRecipeReader {
    private static let form =
        "a file beside image.yaml of 1 to \(SessionRecipe.maximumBytes) bytes, named by letters, digits and _ . -"

    let reader: MappingReader
    let commands: ImageReader

    func session() -> SessionRecipe? {
        guard let inner = reader.mapping("session") else { return nil }
        inner.rejectKeys(notIn: ["driver", "files", "run", "warm", "env"])
        let driver = inner.string("driver", required: true, maximumBytes: Interpreter.maximumScriptBytes)
        let files = files(beside: driver, in: inner)
        let run = commands.command("run", in: inner)
        if let run { checkCommand(run, driver: driver?.value, in: inner) }
        let environment = commands.variables("env", in: inner)
        let warm = commands.warmth(in: inner, takesScript: false)
        guard let driver, let files, let run else { return nil }
        return SessionRecipe(
            script: driver.value, files: files, run: run.words, environment: environment, warm: warm)
    }

    /// The driver and the files beside it. What is wrong with them is noted; then there are none.
    private func files(beside driver: Located<String>?, in inner: MappingReader) -> [InlineFile]? {
        let others = inner.strings(
            "files", maximumCount: SessionRecipe.maximumFiles, maximumBytes: Interpreter.maximumScriptBytes)
        var files = driver.flatMap { file($0, key: inner.path(to: "driver")) }.map { [$0] }
        for (index, name) in (others ?? []).enumerated() {
            let key = inner.path(to: "files") + "[\(index)]"
            guard name.value != driver?.value, !(others ?? [])[..<index].contains(where: { $0.value == name.value })
            else {
                let found = "\(ConfigurationDiagnostic.quote(name.value)) twice"
                inner.log.add(at: name.location, key: key, found: found, allowed: "each once")
                continue
            }
            guard let file = file(name, key: key) else {
                files = nil
                continue
            }
            files?.append(file)
        }
        let bytes = (files ?? []).reduce(0) { $0 + $1.content.count }
        guard bytes <= SessionRecipe.maximumBytes else {
            inner.reject(
                "files", found: "\(bytes) bytes with the driver",
                allowed: "at most \(SessionRecipe.maximumBytes) bytes together")
            return nil
        }
        return files
    }

    private func file(_ name: Located<String>, key: String) -> InlineFile? {
        func reject(_ found: String, hint: String? = nil) -> InlineFile? {
            reader.log.add(at: name.location, key: key, found: found, allowed: Self.form, hint: hint)
            return nil
        }
        let quoted = ConfigurationDiagnostic.quote(name.value)
        guard Interpreter.isScript(name.value) else { return reject(quoted) }
        do {
            let bytes = try RootFileInstaller.contents(
                of: "\(commands.directory)/\(name.value)", limit: SessionRecipe.maximumBytes)
            guard !bytes.isEmpty else { return reject("an empty file") }
            return InlineFile(path: try BoxPath(name.value), content: bytes, executable: false)
        } catch {
            return reject(quoted, hint: (error as? ImageError)?.message)
        }
    }

    /// There is no program whose names could stand in it, and it has to start the driver.
    private func checkCommand(_ run: CommandTemplate, driver: String?, in inner: MappingReader) {
        if let place = CommandTemplate.Placeholder.allCases.first(where: run.has) {
            inner.reject("run", found: place.rawValue, allowed: "a command without places: a session has no main file")
        } else if let driver, !run.words.dropFirst().contains(driver) {
            inner.reject(
                "run", found: "a command without \(driver)", allowed: "one with the driver's name as an argument")
        }
    }
}
