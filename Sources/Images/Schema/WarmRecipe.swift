package import SandboxSpec

/// How the sandboxes of an image are prepared before a program arrives.
package struct WarmRecipe: Sendable, Equatable {
    package let mode: Warmth
    /// Whose interpreter it is, when it is forked.
    package let language: ZygoteLanguage?
    /// The file whose first mention says that the interpreter has booted; nil for the image's main file.
    package let script: String?
    /// Modules the interpreter loads before it is forked.
    package let preload: [String]
    /// What becomes of variables that a request sets.
    package let environment: Variables

    /// When a booted interpreter takes what its program sees of the environment.
    package enum Variables: String, Sendable, CaseIterable {
        /// When it is asked.
        case live
        /// When it starts: what a request sets would come too late.
        case fixed
    }

    package init(
        mode: Warmth, language: ZygoteLanguage?, script: String?, preload: [String], environment: Variables = .live
    ) {
        self.mode = mode
        self.language = language
        self.script = script
        self.preload = preload
        self.environment = environment
    }

    package static let cold = WarmRecipe(mode: .none, language: nil, script: nil, preload: [])
}
