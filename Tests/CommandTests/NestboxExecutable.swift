import Foundation
import Glibc
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
        // The bundle itself, or the test runner, lies in the folder of the products.
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
        _ arguments: [String], environment: [String: String] = [:], input: String = "", folder: String? = nil
    ) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = arguments
        process.environment = environment
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        // Files, not pipes: nothing can fill up.
        let scratch = try Scratch()
        try Data(input.utf8).write(to: URL(fileURLWithPath: scratch.path + "/in"))
        for name in ["out", "err"] {
            try #require(FileManager.default.createFile(atPath: scratch.path + "/" + name, contents: nil))
        }
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: scratch.path + "/in"))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path + "/out"))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path + "/err"))
        try process.run()
        process.waitUntilExit()
        return Answer(
            status: process.terminationStatus, stdout: try scratch.text("out"), stderr: try scratch.text("err"))
    }
}

/// A folder that is gone with its owner.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "nestbox-command-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
    }
}

/// Policies and images small enough to test with: one language, `toy`, whose root is never built.
struct Toys {
    let scratch: Scratch
    var path: String { scratch.path }

    init() throws {
        scratch = try Scratch()
        try scratch.write(
            """
            version: 1
            name: toy
            image: toy
            limits: {cpu: 5s, wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: 1MiB, disk: 1MiB,
              inodes: 512, file_size: 1MiB, open_files: 64, cpus: 1.0}
            warn_at: 80%
            network: none
            syscalls: {allow: [read, write]}
            pool: {min: 0, max: 4, warm: none}

            """, to: "policies/toy.yaml")
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
            ], input: input, folder: path)
    }
}
