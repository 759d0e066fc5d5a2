import Foundation
import Glibc
import TestSupport
import Testing

/// The built `nestbox`, found beside the test bundle, and what it did when it ran.
struct NestboxExecutable {
    struct Answer {
        let status: Int32
        let stdout: String
        let stderr: String
    }

    /// `nil` when it has not been built.
    static let path: String? = {
        // The bundle itself, or the test runner, lies in the directory of the products.
        var candidates = [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path]
        candidates += CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            candidates.append(URL(fileURLWithPath: link).deletingLastPathComponent().path)
        }
        return candidates.map { $0 + "/nestbox" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Whether it can do its main job here.
    static var canRunPrograms: Bool {
        guard geteuid() == 0, let path else { return false }
        return ["-warden", "-init"].allSatisfy { FileManager.default.isExecutableFile(atPath: path + $0) }
    }

    /// Runs it to its end, with an environment that holds nothing but what is given.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", directory: String? = nil
    ) throws -> Answer {
        let program = try FinishedProgram.run(
            [try #require(path)] + arguments, environment: environment, input: Array(input.utf8), directory: directory)
        return Answer(status: program.status, stdout: program.stdout, stderr: program.stderr)
    }
}

/// Policies and images small enough to test with: one language, `toy`, whose root is never built.
struct Toys {
    let scratch: TemporaryDirectory
    var path: String { scratch.path }

    init() throws {
        scratch = try TemporaryDirectory()
        try scratch.write(SmallPolicy.yaml("toy"), to: "policies/toy.yaml")
        try scratch.write(
            """
            version: 1
            name: toy
            aliases: [plaything]
            extensions: [toy]
            root: {debian: bookworm, packages: [dash]}
            file: main.toy
            run: [sh, main.toy]
            check: {code: x, stdout: y}

            """, to: "images/toy/image.yaml")
        try scratch.write("echo hello\n", to: "hello.toy")
    }

    func nestbox(_ arguments: [String], input: String = "") throws -> NestboxExecutable.Answer {
        try NestboxExecutable.run(
            arguments,
            environment: [
                "NESTBOX_POLICIES": path + "/policies", "NESTBOX_IMAGES": path + "/images",
                "NESTBOX_STATE": path + "/state",
            ], input: input, directory: path)
    }
}
