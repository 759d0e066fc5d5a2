internal import Images
internal import RunModel
internal import SandboxSpec

/// What a request chooses of the commands of its image: the main file, and options of the compiler.
extension RunPlanner {
    /// The file the request calls the main one, or the image's own; nil when it cannot be that.
    static func mainFile(_ request: RunRequest, _ image: Image, _ errors: inout RequestErrors) -> BoxPath? {
        guard let name = request.main else { return image.file }
        func refuse(_ allowed: String) -> BoxPath? {
            errors.note("main", "found \"\(shown(name))\", allowed \(allowed)")
            return nil
        }
        let path: BoxPath
        do {
            path = try BoxPath(name)
        } catch {
            return refuse("a path relative to /box: it \(error.reason)")
        }
        if path == image.file { return path }
        guard image.takesMain else {
            return refuse("\(image.file), as the main file of \(image.name) has no other name")
        }
        // Commands are made of it: nothing shall take it for more than a name, and its extension may be cut off.
        guard Image.isMainName(path) else {
            return refuse("letters, digits and _ - . + /, the first a letter, digit or _")
        }
        guard image.isSource(path) else {
            return refuse(
                "a file of \(image.name): " + image.sourceExtensions.map { "." + $0 }.joined(separator: ", "))
        }
        return path
    }

    /// Whether there is a program to run at all.
    static func checkMain(
        _ request: RunRequest, _ image: Image, main: BoxPath, files: [InlineFile], hasMain: Bool,
        _ errors: inout RequestErrors
    ) {
        if !hasMain {
            // The reader has said it when there are no files either.
            errors.note("code", "is missing, and no file is called \(shown(main.description))")
            errors.note(
                "files",
                request.main == nil
                    ? "one of them has to be called \(main), or main has to say which it is"
                    : "none of them is the main one")
        } else if request.main != nil, !files.contains(where: { $0.path == main }), errors.isEmpty {
            errors.note("main", "no file is called \(shown(main.description))")
        }
    }

    /// What the commands of the image are about.
    ///
    /// - Parameter files: all files of the request, checked; the main one among them.
    static func program(
        _ request: RunRequest, _ image: Image, main: BoxPath, files: [InlineFile]
    ) -> ProgramFiles {
        let others = files.map(\.path).filter { $0 != main && image.isSource($0) }
        return ProgramFiles(
            main: main, sources: others + [main], options: request.compilerOptions, isLive: request.buffering == .line)
    }

    static func checkOptions(_ options: [String], _ image: Image, _ errors: inout RequestErrors) {
        guard let first = options.first else { return }
        guard let compile = image.compile, !compile.options.isEmpty else {
            let what = image.compile == nil ? "compiler" : "options of its compiler to choose"
            errors.note(
                "compiler_options", "found \"\(shown(first))\", allowed none: \(image.name) has no \(what)")
            return
        }
        guard options.count <= CompileStep.maximumOptions else {
            errors.note(
                "compiler_options",
                "found \(options.count) options, allowed at most \(CompileStep.maximumOptions)")
            return
        }
        for (index, option) in options.enumerated() where !isText(option) || !compile.allows(option) {
            errors.note(
                "compiler_options[\(index)]",
                "found \"\(shown(option))\", allowed \(compile.options.joined(separator: " "))")
        }
    }

    private static func isText(_ option: String) -> Bool {
        option.utf8.count <= CompileStep.maximumOptionBytes && option.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}
