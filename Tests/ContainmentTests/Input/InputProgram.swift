internal import Foundation
internal import SandboxSpec
internal import Testing

/// Programs that read, or do not, and how they come into a sandbox.
enum InputProgram {
    static let python = ["/usr/bin/python3", "-c"]
    static let bash = ["/bin/bash", "-c"]
    static let node = ["/usr/bin/node", "-e"]

    /// A running program whose stdin is open and silent.
    static func start(
        _ interpreter: [String], _ text: String, terminal: Bool = false, _ limits: [LimitName: Int64] = [:]
    ) async throws -> LiveSandbox {
        var options = ProbeOptions.limits(limits)
        options.input = nil
        options.uploadsProbe = false
        options.program = interpreter
        if terminal { options.terminal = TerminalSize(rows: 24, columns: 80) }
        let sandbox = try await LiveSandbox([text], options, on: try await TestWarden.shared)
        try sandbox.start()
        return sandbox
    }

    /// Whether this machine has the interpreter, where sandboxes see it.
    static func has(_ interpreter: [String]) -> Bool {
        access(interpreter[0], X_OK) == 0
    }
}

/// A program and what it does with its stdin.
struct InputCase: Sendable, CustomTestStringConvertible {
    let name: String
    let interpreter: [String]
    let text: String
    var terminal = false

    var testDescription: String { name }
}
