internal import Foundation

/// A program that ran to its end, and what it wrote.
package struct FinishedProgram: Sendable {
    /// The exit status, or the number of the signal that ended it.
    package let status: Int32
    package let output: [UInt8]
    package let errors: [UInt8]

    package var stdout: String { String(decoding: output, as: UTF8.self) }
    package var stderr: String { String(decoding: errors, as: UTF8.self) }

    /// Runs a program and blocks until it has ended.
    ///
    /// - Parameters:
    ///   - arguments: the program, found in PATH, and its arguments.
    ///   - environment: the whole of it; nil for our own.
    ///   - directory: where it runs; nil for our own.
    package static func run(
        _ arguments: [String], environment: [String: String]? = nil, input: [UInt8] = [], directory: String? = nil
    ) throws -> FinishedProgram {
        let files = try Files(input)
        let process = try files.process(arguments, environment, directory)
        try process.run()
        process.waitUntilExit()
        return try files.finished(process.terminationStatus)
    }

    /// The same without blocking a thread of the test runner.
    package static func runAsync(
        _ arguments: [String], environment: [String: String]? = nil, input: [UInt8] = [], directory: String? = nil
    ) async throws -> FinishedProgram {
        let files = try Files(input)
        let process = try files.process(arguments, environment, directory)
        let status = try await withCheckedThrowingContinuation { (end: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { end.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                end.resume(throwing: error)
            }
        }
        return try files.finished(status)
    }

    /// Its standard streams: files, not pipes, so that nothing can fill up and nobody has to read meanwhile.
    private struct Files {
        private let directory: TemporaryDirectory

        init(_ input: [UInt8]) throws {
            directory = try TemporaryDirectory()
            for (name, bytes) in [("in", input), ("out", []), ("err", [])] { try directory.write(bytes, to: name) }
        }

        func process(_ arguments: [String], _ environment: [String: String]?, _ workingDirectory: String?) throws
            -> Process
        {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Self.found(arguments[0]))
            process.arguments = Array(arguments.dropFirst())
            if let environment { process.environment = environment }
            if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
            process.standardInput = try FileHandle(forReadingFrom: directory.url("in"))
            process.standardOutput = try FileHandle(forWritingTo: directory.url("out"))
            process.standardError = try FileHandle(forWritingTo: directory.url("err"))
            return process
        }

        func finished(_ status: Int32) throws -> FinishedProgram {
            FinishedProgram(
                status: status, output: try directory.bytes("out"), errors: try directory.bytes("err"))
        }

        private static func found(_ name: String) -> String {
            if name.contains("/") { return name }
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            return path.split(separator: ":").map { "\($0)/\(name)" }
                .first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
        }
    }
}
