internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import NestboxClient
internal import Synchronization

/// One `nestbox repl`: reads cells, has them executed, and answers what they ask.
struct Repl: Sendable {
    /// What the service takes in one cell.
    private static let maximumBytes = 512 * 1024

    let session: NestboxSession
    /// Whether the session goes on when this ends.
    let keepsSession: Bool

    func run() async throws -> Int32 {
        guard session.stateAtStart != "ended" else {
            Console.complain("the session has ended")
            return ExitTable.failed
        }
        let screen = ReplScreen()
        let steps = screen.follow(session)
        let session = session
        try Signals.watch([SIGINT]) { _ in
            // Nothing runs any more when the service does not know of it.
            Task { try? await session.interrupt() }
        }
        let isInteractive = Console.isTerminal(Console.input) && Console.isTerminal(Console.output)
        let status = try await isInteractive ? converse(screen, steps) : runScript(steps)
        if !keepsSession, !screen.isOver { try? await session.close() }
        return status
    }

    // MARK: - A script

    private func runScript(_ steps: AsyncStream<ReplStep>) async throws -> Int32 {
        let code = try await Self.onThread { Self.readAll() }
        guard let code else {
            Console.complain("stdin is not UTF-8, or is larger than \(Self.maximumBytes) bytes, the most of a cell")
            return ExitTable.failed
        }
        var iterator = steps.makeAsyncIterator()
        let execution = try await session.execute(code)
        while let step = await iterator.next() {
            switch step {
            case .input(let token, _, _):
                // There is nobody to ask: the script was all of stdin.
                try await session.interrupt()
                Console.complain("the script asks for input, and stdin was the script (\(token))")
            case .finished(let finished, let status):
                guard finished == execution else { continue }
                switch status {
                case "ok": return 0
                case "error": return 1
                case "limit": return 124
                case "interrupted": return 130
                default: return ExitTable.failed
                }
            case .ended: return ExitTable.failed
            }
        }
        return ExitTable.failed
    }

    private static func readAll() -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumBytes {
            let count = read(Console.input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        guard bytes.count <= maximumBytes else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    // MARK: - A conversation

    private func converse(_ screen: ReplScreen, _ steps: AsyncStream<ReplStep>) async throws -> Int32 {
        let editor = LineEditor(screen: screen) { code, cursor in
            Self.wait { try? await session.complete(code, cursor: cursor) }
        }
        var iterator = steps.makeAsyncIterator()
        // A cell of somebody else may be running, and ask.
        if ["busy", "waiting", "interrupting"].contains(session.stateAtStart) {
            running: while let step = await iterator.next() {
                switch step {
                case .input(let token, let prompt, let isPassword):
                    try await answer(token, prompt, isPassword, editor)
                case .finished, .ended: break running
                }
            }
        }
        while !screen.isOver {
            guard let code = try await readCell(editor) else { break }
            if code.allSatisfy(\.isWhitespace) { continue }
            let execution: String
            do {
                execution = try await session.execute(code)
            } catch let error as NestboxError where error.code != "CONNECTION_LOST" {
                Console.complain(error.message)
                continue
            }
            waiting: while let step = await iterator.next() {
                switch step {
                case .input(let token, let prompt, let isPassword):
                    try await answer(token, prompt, isPassword, editor)
                case .finished(execution, _), .ended: break waiting
                case .finished: continue
                }
            }
        }
        return screen.isOver ? screen.exitCode ?? ExitTable.failed : 0
    }

    /// Lines until they are a cell; nil at the end of the input.
    private func readCell(_ editor: LineEditor) async throws -> String? {
        var lines: [String] = []
        var indent = ""
        while true {
            let (prompt, before) = (lines.isEmpty ? ">>> " : "... ", lines)
            // What is pasted has its own.
            let start = editor.isBehind ? "" : indent
            switch try await Self.onThread({ editor.read(prompt, initial: start, before: before) }) {
            case .text(let line): lines.append(line)
            case .interrupted:
                (lines, indent) = ([], "")
                continue
            case .endOfInput, .cancelled: return nil
            }
            let code = lines.joined(separator: "\n")
            guard code.utf8.count <= Self.maximumBytes else {
                Console.complain("a cell has at most \(Self.maximumBytes) bytes")
                lines = []
                continue
            }
            if lines.last?.hasSuffix("\\") == true { continue }
            let state = try? await session.completeness(code)
            guard state?.status == "incomplete" else { return code }
            // An empty line takes the indentation back, so that one more ends the cell.
            indent = lines.last?.allSatisfy(\.isWhitespace) == true ? "" : state?.indent ?? ""
        }
    }

    private func answer(
        _ token: String, _ prompt: String, _ isPassword: Bool, _ editor: LineEditor
    ) async throws {
        let text = prompt.filter { !$0.isNewline && $0.asciiValue.map { $0 >= 0x20 } ?? true }
        switch try await Self.onThread({ editor.read(text, as: isPassword ? .password : .answer) }) {
        case .text(let line): try await session.answer(token, line)
        case .interrupted, .endOfInput: try await session.interrupt()
        case .cancelled: break
        }
    }

    // MARK: - Threads

    /// Runs what blocks on a thread of its own.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try DetachedThread.start { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Waits on such a thread for what a task does.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
        let (box, gate) = (Box<Value>(), Gate())
        Task {
            let value = await body()
            box.value.withLock { $0 = value }
            gate.open()
        }
        while true {
            if let value = box.value.withLock({ $0 }) { return value }
            gate.wait()
        }
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}
