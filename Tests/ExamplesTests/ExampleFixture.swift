import Foundation
import TestSupport

@testable import ConfigurationFiles
@testable import Examples

/// A directory of examples to try things in.
final class ExampleFixture {
    static let good = """
        version: 1
        title: Good
        description: An example.
        category: basics
        difficulty: beginner
        main: main.py
        check:
          - stdout: "hello\\n"

        """

    private let directory: TemporaryDirectory
    var path: String { directory.path }

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Writes `<language>/<slug>/<file>` below a directory of its own name.
    func write(
        _ text: String, _ place: String = "python/good", file: String = "example.yaml", below: String = "one"
    ) throws {
        let url = URL(fileURLWithPath: "\(path)/\(below)/\(place)/\(file)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func library(_ below: [String] = ["one"]) throws -> ExampleLibrary {
        try ExampleLibrary.usable(directories: below.map { path + "/" + $0 })
    }

    /// The only example, made of this description.
    func example(_ yaml: String, files: [String: String] = ["main.py": "print('hello')\n"]) throws -> Example {
        try write(yaml)
        for (name, text) in files { try write(text, file: name) }
        let library = try library()
        if let diagnostics = library.diagnostics { throw diagnostics }
        guard let example = library.examples.first else { throw CocoaError(.fileReadUnknown) }
        return example
    }

    /// What is wrong with a description, without its directory: `example.yaml:3: title: found …`.
    func mistakes(_ yaml: String, files: [String: String] = ["main.py": "print('hello')\n"]) throws -> [String] {
        try write(yaml)
        for (name, text) in files { try write(text, file: name) }
        let diagnostics = try library().diagnostics?.diagnostics ?? []
        return diagnostics.map { "\($0)".replacing("\(path)/one/python/good/", with: "") }
    }
}
