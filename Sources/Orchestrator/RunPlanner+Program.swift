internal import Images
internal import RunModel
internal import SandboxSpec

/// What a request chooses of the commands of its image: the main file, and options of the compiler.
extension RunPlanner {
    /// The file the request calls the main one, or the image's own.
    static func mainFile(_ request: RunRequest, _ image: Image) throws(APIError) -> BoxPath {
        guard let name = request.main else { return image.file }
        func refuse(_ allowed: String) -> APIError {
            APIError(
                .invalidRequest, "main: found \"\(shown(name))\", allowed \(allowed)", details: ["main": shown(name)])
        }
        let path: BoxPath
        do {
            path = try BoxPath(name)
        } catch {
            throw refuse("a path relative to /box: it \(error.reason)")
        }
        if path == image.file { return path }
        guard image.takesMain else {
            throw refuse("\(image.file), as the main file of \(image.name) has no other name")
        }
        // Commands are made of it: nothing shall take it for more than a name, and its extension may be cut off.
        guard Image.isMainName(path) else {
            throw refuse("letters, digits and _ - . + /, the first a letter, digit or _")
        }
        guard image.isSource(path) else {
            throw refuse(
                "a file of \(image.name): " + image.sourceExtensions.map { "." + $0 }.joined(separator: ", "))
        }
        return path
    }

    /// What the commands of the image are about.
    ///
    /// - Parameter files: all files of the request, checked; the main one among them.
    static func program(
        _ request: RunRequest, _ image: Image, main: BoxPath, files: [RunPlan.File]
    ) throws(APIError) -> ProgramFiles {
        guard request.main == nil || files.contains(where: { $0.path == main }) else {
            throw APIError(
                .invalidRequest, "main: no file is called \(shown(main.description))",
                details: ["main": shown(main.description)])
        }
        let others = files.map(\.path).filter { $0 != main && image.isSource($0) }
        return ProgramFiles(
            main: main, sources: others + [main], options: try options(request.compilerOptions, image))
    }

    private static func options(_ options: [String], _ image: Image) throws(APIError) -> [String] {
        guard !options.isEmpty else { return [] }
        func refuse(_ what: String, _ allowed: String) -> APIError {
            APIError(
                .invalidRequest, "compiler_options: found \(what), allowed \(allowed)",
                details: ["compiler_options": allowed])
        }
        guard let compile = image.compile, !compile.options.isEmpty else {
            throw refuse(
                "\"\(shown(options[0]))\"",
                "none: \(image.name) has no \(image.compile == nil ? "compiler" : "options of its compiler to choose")")
        }
        guard options.count <= CompileStep.maximumOptions else {
            throw refuse("\(options.count) options", "at most \(CompileStep.maximumOptions)")
        }
        for option in options where !isText(option) || !compile.allows(option) {
            throw refuse("\"\(shown(option))\"", compile.options.joined(separator: " "))
        }
        return options
    }

    private static func isText(_ option: String) -> Bool {
        option.utf8.count <= CompileStep.maximumOptionBytes && option.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}
