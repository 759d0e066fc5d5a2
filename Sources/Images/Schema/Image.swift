package import SandboxSpec

/// A language as `images/<name>/image.yaml` describes it, checked: where its root comes from, how to compile and run.
package struct Image: Sendable, Equatable {
    /// The one version of the file format there is.
    package static let version: Int64 = 1

    /// `[a-z0-9][a-z0-9+_.-]{0,31}`, like every alias.
    package let name: String
    package let aliases: [String]
    package let description: String
    /// Extensions of source files, without the dot.
    package let extensions: [String]
    /// The language this is an implementation or a version of: its own name, or that of another image.
    package let language: String
    /// Which version of the language it has; nil when the image does not say.
    package let release: Release?
    /// How an editor names the syntax: a mode or MIME type of CodeMirror 5.
    package let editor: String?
    package let root: RootDescription
    /// What the main source file is called inside a sandbox, unless the request says something else.
    package let file: BoxPath
    package let compile: CompileStep?
    /// The command that runs the program, in /box, with the request's own arguments appended.
    package let run: CommandTemplate
    /// `KEY=VALUE` strings in the order of the file, for the compile step and the run.
    package let environment: [String]
    package let warm: WarmRecipe
    /// How it holds a living interpreter; nil for a language without sessions.
    package let session: SessionRecipe?
    /// How output comes as it is written.
    package let live: LiveOutput
    /// How a program is looked at without being run; nil where compiling it is that, or there is no way.
    package let syntax: SyntaxCheck?
    /// Help with the commonest errors, in the order of the file.
    package let hints: [HintRule]
    /// Globs of the files to export when a request names none.
    package let artifacts: [String]
    package let check: CheckProgram
    /// The directory `image.yaml` was read from.
    package let directory: String

    /// What its commands are about when a request chooses nothing.
    package var program: ProgramFiles { ProgramFiles(main: file, sources: [file]) }

    /// The extensions its source files have in a sandbox, without the dot: those by which files are found to be its own, and
    /// that of `file`, which another language may have there (`main.pl` of Prolog).
    package var sourceExtensions: [String] {
        guard let own = file.fileExtension, !extensions.contains(own) else { return extensions }
        return extensions + [own]
    }

    /// Whether a file of a request is a source of this language, by its extension.
    package func isSource(_ path: BoxPath) -> Bool { path.fileExtension.map(sourceExtensions.contains) == true }

    /// Whether a main file may have this name, which commands are made of.
    package static func isMainName(_ path: BoxPath) -> Bool { ImageWords.isPlainPath(path.description) }

    /// Whether a request may choose its main file.
    package var takesMain: Bool { run.takesMain || compile?.run.takesMain == true }
}

/// How a compiled language turns its source into what `run` needs; a sandbox of its own.
package struct CompileStep: Sendable, Equatable {
    /// The most options an image may allow, or a request give, and the longest of them.
    package static let maximumOptions = 64
    package static let maximumOptionBytes = 256

    package let run: CommandTemplate
    /// What a request may add to it: options as they are, or up to a `*` at their end.
    package let options: [String]
    /// Globs relative to /box, at least one: what is carried over into the sandbox of the run.
    package let produces: [String]
    /// Limits of the step that differ from the policy's, in the limits' units.
    package let limits: [LimitName: Int64]
    /// The file whose first mention says that the compiler has booted; nil for one that is not booted ahead.
    package let warmScript: String?

    /// Whether a request may give this option.
    package func allows(_ option: String) -> Bool {
        options.contains { $0.hasSuffix("*") ? option.hasPrefix($0.dropLast()) : option == $0 }
    }
}

/// A small program that shows that an image works.
package struct CheckProgram: Sendable, Equatable {
    package let code: String
    package let stdin: String
    /// Exactly what the program has to print.
    package let stdout: String
}
