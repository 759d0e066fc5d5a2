/// How the output of an image's programs comes as it is written, and not when a buffer is full: variables here, and what stands for
/// `{live}` in the image's commands.
package struct LiveOutput: Sendable, Equatable {
    /// `KEY=VALUE` strings for the run step.
    package let environment: [String]
    /// The same in their place when a request wants output buffered.
    package let fullEnvironment: [String]

    package init(environment: [String] = [], fullEnvironment: [String] = []) {
        self.environment = environment
        self.fullEnvironment = fullEnvironment
    }

    package static let none = LiveOutput()

    /// Those of them that do for an executed program what the zygote library does for every interpreter it is loaded into: one
    /// that is booted ahead is started without.
    package static func isDoneByZygote(_ entry: String) -> Bool {
        ["LD_PRELOAD=", "_STDBUF_", "LUA_INIT="].contains { entry.hasPrefix($0) }
    }
}

/// How a program of an interpreted language is looked at without being run.
package struct SyntaxCheck: Sendable, Equatable {
    /// Ends with 0 when the main file parses.
    package let run: CommandTemplate
    /// Texts in the last bytes of stderr after which it is worth a look, when a run has failed.
    package let signs: [String]
}

/// Help with one of the commonest errors.
package struct HintRule: Sendable, Equatable {
    package static let maximumCount = 16
    package static let maximumSigns = 16
    package static let maximumBytes = 256

    /// What kind of hint it is, for programs: a word.
    package let kind: String
    /// Texts one of which is in the last bytes of stderr.
    package let signs: [String]
    /// The text that people see.
    package let text: String
    /// The image to take instead, when there is one.
    package let language: String?

    package init(kind: String, signs: [String], text: String, language: String? = nil) {
        self.kind = kind
        self.signs = signs
        self.text = text
        self.language = language
    }
}
