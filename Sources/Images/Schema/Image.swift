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
    package let root: RootDescription
    /// What the main source file is called inside a sandbox.
    package let file: BoxPath
    package let compile: CompileStep?
    /// The command that runs the program, in /box, with the request's own arguments behind it.
    package let run: [String]
    /// `KEY=VALUE` strings in the order of the file, for the compile step and the run.
    package let environment: [String]
    package let warm: Warmth
    package let check: CheckProgram
    /// The folder `image.yaml` was read from.
    package let folder: String
}

/// How a compiled language turns its source into what `run` needs; a sandbox of its own.
package struct CompileStep: Sendable, Equatable {
    package let run: [String]
    /// Globs relative to /box, at least one: what is carried over into the sandbox of the run.
    package let produces: [String]
    /// Limits of the step that differ from the policy's, in the limits' units.
    package let limits: [LimitName: Int64]
    /// The file whose first mention says that the compiler has booted; nil for one that is not booted ahead.
    package let warmScript: String?
}

/// How far a sandbox is prepared before a program arrives.
package struct Warmth: Sendable, Equatable {
    package enum Mode: String, Sendable, CaseIterable {
        /// A locked-down sandbox about to execute the command.
        case none
        /// The interpreter, booted inside the sandbox.
        case boot
        /// A fork of a warmed interpreter.
        case fork
    }

    package let mode: Mode
    /// Whose interpreter it is, when it is forked.
    package let language: ZygoteLanguage?
    /// The file whose first mention says that the interpreter has booted; nil for the image's main file.
    package let script: String?
    /// Modules the interpreter loads before it is forked.
    package let preload: [String]

    package static let cold = Warmth(mode: .none, language: nil, script: nil, preload: [])
}

/// A small program that shows that an image works.
package struct CheckProgram: Sendable, Equatable {
    package let code: String
    package let stdin: String
    /// Exactly what the program has to print.
    package let stdout: String
}
