internal import Foundation
internal import TestSupport

/// A program that ran to its end.
struct Tool {
    let status: Int32
    /// Everything it wrote to stdout.
    let output: Data
    /// Everything it wrote to stderr, and stdout again when there is nothing there: for failure messages.
    let complaint: String

    /// Runs a program found in PATH without blocking a thread of the test runner.
    ///
    /// - Parameter environment: added to our own.
    static func run(_ arguments: [String], in directory: URL, environment: [String: String] = [:]) async throws -> Tool
    {
        let program = try await FinishedProgram.runAsync(
            arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            directory: directory.path)
        let complaint = program.errors.isEmpty ? program.stdout : program.stderr
        return Tool(status: program.status, output: Data(program.output), complaint: String(complaint.suffix(4000)))
    }
}
