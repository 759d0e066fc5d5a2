internal import Foundation

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
    static func run(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) async throws -> Tool {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("nestbox-tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        // Files, not pipes: nobody has to read while it runs.
        let files = ["output", "errors"].map { scratch.appendingPathComponent($0) }
        for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let status = try await withCheckedThrowingContinuation { (end: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { end.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                end.resume(throwing: error)
            }
        }
        let output = try Data(contentsOf: files[0])
        let errors = try Data(contentsOf: files[1])
        let complaint = String(decoding: errors.isEmpty ? output : errors, as: UTF8.self)
        return Tool(status: status, output: output, complaint: String(complaint.suffix(4000)))
    }
}
