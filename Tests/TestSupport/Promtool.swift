import Foundation

/// Prometheus' own checker, when it is there: $NESTBOX_PROMTOOL, or `promtool` on PATH.
package enum Promtool {
    package static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let directories = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/promtool" }
        return ([environment["NESTBOX_PROMTOOL"] ?? ""] + directories).first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    package struct Absent: Error {}

    /// Runs it, with a text as its input.
    package static func run(_ arguments: [String], input: String = "") throws -> (status: Int32, output: String) {
        guard let path else { throw Absent() }
        return try execute(path, arguments, input: input)
    }

    /// Runs any program to its end.
    ///
    /// - Returns: its status, and what it wrote to stdout and stderr.
    package static func execute(
        _ executable: String, _ arguments: [String], input: String = "", directory: String? = nil
    ) throws -> (status: Int32, output: String) {
        let folder = NSTemporaryDirectory() + "nestbox-tool-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(input.utf8).write(to: URL(fileURLWithPath: folder + "/in"))
        try Data().write(to: URL(fileURLWithPath: folder + "/out"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder + "/in"))
        let out = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/out"))
        process.standardOutput = out
        process.standardError = out
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: folder + "/out", encoding: .utf8))
    }
}
