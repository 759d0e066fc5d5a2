/// Decides when to look whether a program waits for input, and when to say so. A value: times come in, answers go out.
///
/// A look costs a few system calls inside the sandbox, so there is none while input is on its way, none when a request
/// has been made and nothing has come since, and fewer and fewer while nothing changes.
package struct InputWatch: Sendable {
    /// Nanoseconds of silence before the first look, and the longest pause between two of them.
    package static let shortest: Int64 = 2_000_000
    package static let longest: Int64 = 250_000_000
    /// How long an answer may take before the question is asked again.
    private static let answerTimeout: Int64 = 1_000_000_000
    /// The most of a line that counts as its prompt, in bytes.
    package static let maximumPrompt = 4096

    private var pause = Self.shortest
    private var due: Int64
    private var askedAt: Int64?
    private var isAnnounced = false
    /// The answer that is on its way is about a moment that has passed.
    private var isStale = false
    private var count = 0
    private var line: [UInt8] = []

    package init(now: Int64) {
        due = now &+ Self.shortest
    }

    /// When `look` wants to be called; nil when only something new changes anything.
    package var deadline: Int64? {
        if isAnnounced { return nil }
        return askedAt.map { $0 &+ Self.answerTimeout } ?? due
    }

    /// Whether to look now. The answer is expected by `answer`.
    package mutating func look(now: Int64) -> Bool {
        guard let deadline, now >= deadline else { return false }
        askedAt = now
        isStale = false
        return true
    }

    /// What was seen. Says whether the program is to be told about; then it is, once.
    package mutating func answer(waiting: Bool, now: Int64) -> Bool {
        guard askedAt != nil, !isAnnounced else { return false }
        askedAt = nil
        if isStale {
            isStale = false
            due = max(due, now)
            return false
        }
        guard waiting else {
            pause = min(pause &* 2, Self.longest)
            due = now &+ pause
            return false
        }
        isAnnounced = true
        count += 1
        return true
    }

    /// The program has been given something to read.
    package mutating func fed(now: Int64) {
        isAnnounced = false
        line = []
        restart(now)
    }

    /// The program has written something. What stands after its last newline is the prompt.
    package mutating func wrote(_ bytes: some BidirectionalCollection<UInt8>, now: Int64) {
        if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) {
            line = Array(bytes[bytes.index(after: newline)...].prefix(Self.maximumPrompt))
        } else {
            line.append(contentsOf: bytes.prefix(Self.maximumPrompt - line.count))
        }
        if !isAnnounced { restart(now) }
    }

    /// Names the request that has been announced.
    package var token: String { "i\(count)" }
    package var prompt: [UInt8] { line }

    private mutating func restart(_ now: Int64) {
        pause = Self.shortest
        // A question that is out is answered before the next one is asked: its answer must not be taken for that one's.
        isStale = askedAt != nil
        due = now &+ pause
    }
}
