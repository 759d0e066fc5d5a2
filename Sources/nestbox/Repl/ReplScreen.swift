internal import NestboxClient
internal import Synchronization

/// What the conversation must act on.
enum ReplStep: Sendable {
    case input(token: String, prompt: String, isPassword: Bool)
    case finished(execution: String, status: String)
    case ended
}

/// Shows what a session says, as it says it. Safe from any thread.
final class ReplScreen: Sendable {
    private struct State {
        var isOver = false
        /// Of an interpreter that a cell has ended, as by `exit()`.
        var exitCode: Int32?
        /// Whether a line is being edited: the terminal is raw then, and the line has to be drawn again.
        var isEditing = false
        var needsDrawing = false
    }

    private let state = Mutex(State())

    /// Whether the session has ended, or the connection.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// The exit status of an interpreter that has ended by itself.
    var exitCode: Int32? { state.withLock { $0.exitCode } }

    func setEditing(_ isEditing: Bool) { state.withLock { $0.isEditing = isEditing } }

    /// Whether something has been written since the last call, so that the edited line is gone.
    func takeNeedsDrawing() -> Bool {
        state.withLock { state in
            defer { state.needsDrawing = false }
            return state.needsDrawing
        }
    }

    /// Shows all events of a session, and tells what to act on.
    func follow(_ session: NestboxSession) -> AsyncStream<ReplStep> {
        let (steps, continuation) = AsyncStream.makeStream(of: ReplStep.self)
        Task {
            for await event in session.events {
                if let step = show(event) { continuation.yield(step) }
            }
            state.withLock { $0.isOver = true }
            continuation.yield(.ended)
            continuation.finish()
        }
        return steps
    }

    private func show(_ event: NestboxSessionEvent) -> ReplStep? {
        switch event {
        case .output(let bytes, let isError): write(bytes, to: isError ? Console.errors : Console.output)
        case .display(let data):
            if let text = data["text/plain"] { say(text, to: Console.output) }
            for (type, content) in data.sorted(by: { $0.key < $1.key }) where type != "text/plain" {
                say("[\(type), \(content.utf8.count) bytes]", to: Console.output)
            }
        case .result(_, let repr): say(repr, to: Console.output)
        case .error(_, let exception, let message, let traceback):
            let lines = traceback.isEmpty ? "\(exception): \(message)" : traceback.joined(separator: "\n")
            say(lines, to: Console.errors)
        case .finished(let execution, let status, let limit, _):
            if status == "limit" {
                say("nestbox: the cell came up against its limit \(limit ?? "")", to: Console.errors)
            }
            return .finished(execution: execution, status: status)
        case .inputRequest(let token, let prompt, let isPassword):
            return .input(token: token, prompt: prompt, isPassword: isPassword)
        case .closing(let reason, let seconds):
            say("nestbox: the session ends in \(Int(min(max(seconds, 0), 1e9))) s: \(reason)", to: Console.errors)
        case .ended(let verdict, let reason, let exitCode):
            state.withLock { state in
                state.isOver = true
                state.exitCode = exitCode
            }
            // Who has asked for the end need not be told of it.
            if exitCode != nil { break }
            say("nestbox: the session has ended: \(verdict): \(reason)", to: Console.errors)
        case .state: break
        }
        return nil
    }

    private func say(_ text: String, to descriptor: Int32) {
        write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: descriptor)
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        let isRaw = state.withLock { state in
            if state.isEditing { state.needsDrawing = true }
            return state.isEditing
        }
        guard isRaw, Console.isTerminal(descriptor) else {
            Console.write(bytes, to: descriptor)
            return
        }
        // A raw terminal does not go back to the first column by itself.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        Console.write(Array("\r\u{1b}[K".utf8) + Array(lines.joined(separator: Array("\r\n".utf8))), to: descriptor)
    }
}
