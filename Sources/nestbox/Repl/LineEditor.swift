internal import SandboxSpec
internal import Synchronization

/// Reads lines from the terminal, with history and completion. Blocks the thread that reads; one at a time.
final class LineEditor: Sendable {
    enum Line: Sendable {
        case text(String)
        /// Ctrl-C.
        case interrupted
        /// Ctrl-D on an empty line, or the end of the terminal.
        case endOfInput
        /// The session has ended meanwhile.
        case cancelled
    }

    /// What a line is for.
    enum Purpose: Sendable {
        case code
        /// Input for a program, which is neither completed nor remembered.
        case answer
        /// The same, and not shown.
        case password
    }

    /// Given code and a position in Unicode scalars, what could stand there and which range it replaces.
    typealias Completion = @Sendable (String, Int) -> (matches: [String], start: Int, end: Int)?

    private static let maximumHistory = 1_000
    private static let maximumShown = 200
    private let screen: ReplScreen
    private let complete: Completion
    private let history = Mutex<[String]>([])
    private let keys = KeyReader()

    init(screen: ReplScreen, complete: @escaping Completion) {
        self.screen = screen
        self.complete = complete
    }

    /// Whether something has been typed, or pasted, that has not been read yet.
    var isBehind: Bool { keys.isReady }

    /// - Parameter before: the earlier lines of the same cell, for completion.
    func read(_ prompt: String, initial: String = "", before: [String] = [], as purpose: Purpose = .code) -> Line {
        let isAnswer = purpose != .code
        func draw(_ prompt: String, _ line: EditedLine) {
            self.draw(prompt, purpose == .password ? EditedLine("") : line)
        }
        RawTerminal.enter()
        screen.setEditing(true)
        defer {
            screen.setEditing(false)
            RawTerminal.restore()
            Console.say("")
        }
        var line = EditedLine(initial)
        var past = history.withLock { $0 }
        past.append(initial)
        var place = past.count - 1
        func recall(_ next: Int) {
            guard past.indices.contains(next) else { return }
            past[place] = line.text
            place = next
            line = EditedLine(past[next])
        }
        draw(prompt, line)
        while true {
            let key = keys.next()
            switch key {
            case .nothing:
                if screen.isOver { return .cancelled }
                if screen.takeNeedsDrawing() { draw(prompt, line) }
                continue
            case .endOfInput: return .endOfInput
            case .enter:
                if !isAnswer { remember(line.text) }
                line.moveToEnd()
                draw(prompt, line)
                return .text(line.text)
            case .control("C"): return .interrupted
            case .control("D"):
                if line.isEmpty { return .endOfInput }
                line.deleteAfter()
            case .tab: isAnswer ? line.insert("\t") : tab(&line, before)
            case .up: if !isAnswer { recall(place - 1) }
            case .down: if !isAnswer { recall(place + 1) }
            case .control("L"): Console.write(Array("\u{1b}[H\u{1b}[2J".utf8), to: Console.output)
            default: edit(&line, key)
            }
            draw(prompt, line)
        }
    }

    private func edit(_ line: inout EditedLine, _ key: KeyReader.Key) {
        switch key {
        case .character(let character): line.insert([character])
        case .backspace: line.deleteBefore()
        case .delete: line.deleteAfter()
        case .left, .control("B"): line.move(to: line.cursor - 1)
        case .right, .control("F"): line.move(to: line.cursor + 1)
        case .home, .control("A"): line.move(to: 0)
        case .end, .control("E"): line.moveToEnd()
        case .control("K"): line.deleteToEnd()
        case .control("U"): line.deleteToBeginning()
        case .control("W"): line.deleteWord()
        default: break
        }
    }

    private func remember(_ text: String) {
        guard !text.isEmpty else { return }
        history.withLock { history in
            if history.last != text { history.append(text) }
            if history.count > Self.maximumHistory { history.removeFirst() }
        }
    }

    /// Indents at the beginning of a line; elsewhere completes what is the same in all matches, or shows them.
    private func tab(_ line: inout EditedLine, _ before: [String]) {
        guard line.characters[..<line.cursor].contains(where: { !$0.isWhitespace }) else { return line.insert("    ") }
        let head = before.isEmpty ? "" : before.joined(separator: "\n") + "\n"
        let offset = head.unicodeScalars.count
        guard let found = complete(head + line.text, offset + line.scalarsBefore), let first = found.matches.first,
            found.start >= offset, found.end >= found.start
        else { return }
        let common = found.matches.dropFirst().reduce(first) { String($0.commonPrefix(with: $1)) }
        let range = found.start - offset..<found.end - offset
        if found.matches.count == 1 || common.unicodeScalars.count > range.count {
            return line.replace(scalars: range, by: common)
        }
        let names = found.matches.prefix(Self.maximumShown).joined(separator: "  ")
        Console.write(Array(("\r\n" + names + "\r\n").utf8), to: Console.output)
    }

    private func draw(_ prompt: String, _ line: EditedLine) {
        let columns = RawTerminal.size.map { Int($0.columns) } ?? 80
        let (text, cursor) = line.window(columns - prompt.count - 1)
        let right = prompt.count + cursor
        Console.write(
            Array("\r\(prompt)\(text)\u{1b}[K\r\(right > 0 ? "\u{1b}[\(right)C" : "")".utf8), to: Console.output)
    }
}

extension String {
    /// What both begin with.
    fileprivate func commonPrefix(with other: String) -> Substring {
        prefix(zip(self, other).prefix { $0 == $1 }.count)
    }
}
