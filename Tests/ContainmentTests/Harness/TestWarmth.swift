internal import Foundation
internal import SandboxSpec

/// How warm the sandboxes of the suite are. Every row has to hold for each of them, so the whole suite runs once for each:
/// NESTBOX_TEST_WARMTH is `cold`, `boot` or `fork`.
///
/// The probes are programs of their own. In a booted or forked interpreter a line of Python executes them, so that they find
/// what a warm program would find: descriptors, ids, signals, mounts, filter.
enum TestWarmth: String, Sendable, CaseIterable {
    case cold, boot, fork

    static let ofThisRun: TestWarmth = {
        guard let name = ProcessInfo.processInfo.environment["NESTBOX_TEST_WARMTH"], !name.isEmpty else { return .cold }
        guard let warmth = TestWarmth(rawValue: name) else { fatalError("NESTBOX_TEST_WARMTH is \(name)") }
        return warmth
    }()

    private static let script = "nestbox-probe.py"

    /// What a sandbox of this warmth is made with. A terminal is never prepared ahead.
    func preparation(terminal: TerminalSize?) throws -> Preparation {
        guard self != .cold, terminal == nil else { return .none }
        let interpreter = try Interpreter(
            command: ["python3", Self.script], environment: ["PATH=/usr/bin:/bin", "HOME=/box", "LANG=C.UTF-8"],
            script: Self.script)
        return self == .boot ? .boot(interpreter) : .fork(.python, interpreter)
    }

    /// The job that has the interpreter become the program, as a program started without one would be.
    func job(_ job: Job, terminal: TerminalSize?) throws -> Job {
        guard self != .cold, terminal == nil else { return job }
        func quoted(_ texts: [String]) throws -> String {
            // An escaped slash is one character in JSON and two in Python.
            let text = try JSONSerialization.data(withJSONObject: texts, options: .withoutEscapingSlashes)
            return String(decoding: text, as: UTF8.self)
        }
        let lines = [
            "import os, signal",
            "for number in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(number, signal.SIG_DFL)",
            "os.remove('\(Self.script)')",
            "arguments = \(try quoted(job.arguments))",
            "environment = dict(item.split('=', 1) for item in \(try quoted(job.environment)))",
            "os.execvpe(arguments[0], arguments, environment)",
        ]
        var warm = job
        warm.arguments = ["python3", Self.script]
        warm.files.append(
            InlineFile(
                path: try BoxPath(Self.script), content: Array(lines.joined(separator: "\n").utf8), executable: false))
        return warm
    }
}
