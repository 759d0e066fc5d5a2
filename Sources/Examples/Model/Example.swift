package import ConfigurationFiles
package import RunModel

/// A program to learn from, as `examples/<language>/<slug>/example.yaml` describes it, checked and read.
package struct Example: Sendable, Equatable {
    /// The one version of the file format there is.
    package static let version: Int64 = 1

    /// A file that the program consists of, or reads.
    package struct File: Sendable, Equatable {
        /// Relative to `/box`.
        package let path: String
        package let text: String
    }

    /// What the program has to print for some input.
    package struct Check: Sendable, Equatable {
        package let stdin: String
        package let stdout: String
        /// What is handed over by other ways than standard input.
        package let values: [String: String]
    }

    /// Lines of the main file that a reader is to see first; the others are scaffolding.
    package struct LineRange: Sendable, Equatable {
        package let first: Int
        package let last: Int
    }

    /// Names it in the API: `[a-z0-9][a-z0-9_-]{0,63}`.
    package let id: String
    /// The name of the directory above its own, which is that of an image.
    package let language: String
    package let title: String
    package let description: String
    package let category: ExampleCategory
    package let difficulty: ExampleDifficulty
    package let tags: [String]
    /// The main file first.
    package let files: [File]
    /// Nil for all lines.
    package let shown: LineRange?
    package let network: NetworkRequest?
    package let compilerOptions: [String]
    /// In the order of the file, which is that of the lines on standard input.
    package let inputs: [ExampleInput]
    /// From a nudge to nearly the answer.
    package let hints: [String]
    /// What the main file becomes when the exercise is solved; nil for an example that is no exercise.
    package let solution: String?
    /// Of an exercise, what its solution passes and its stub does not.
    package let checks: [Check]
    /// Packages of its language that it imports.
    package let dependencies: [String]
    /// What it needs that a sandbox does not have, in words; nil for one that runs as it is.
    package let needs: String?
    package let location: SourceLocation

    /// The file that is run.
    package var main: File { files[0] }

    package var isExercise: Bool { solution != nil }
}

/// What an example is about.
package enum ExampleCategory: String, Sendable, CaseIterable {
    case basics, text, data, algorithms, functions, objects, errors, concurrency, input, mathematics, games, agents
}

/// How much an example asks of its reader; in ascending order.
package enum ExampleDifficulty: String, Sendable, CaseIterable, Comparable {
    case beginner, intermediate, advanced

    private var rank: Int {
        switch self {
        case .beginner: 0
        case .intermediate: 1
        case .advanced: 2
        }
    }

    package static func < (left: ExampleDifficulty, right: ExampleDifficulty) -> Bool { left.rank < right.rank }
}
