internal import RunModel

/// What was executed, for `history_request`: bounded, the oldest goes first. A value.
struct KernelHistory: Sendable {
    struct Entry: Sendable, Equatable {
        /// Which interpreter of the session it was, from 1.
        let session: Int
        /// Its `execution_count`.
        let line: Int
        let input: String
        /// The text of its value.
        var output: String?
    }

    static let maximumCount = 1000
    static let maximumBytes = 1_048_576

    private(set) var entries: [Entry] = []
    private var bytes = 0

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.input.utf8.count
        trim()
    }

    /// The value of the newest cell of this number.
    mutating func note(output: String, session: Int, line: Int) {
        guard let index = entries.lastIndex(where: { $0.session == session && $0.line == line }) else { return }
        entries[index].output = output
        bytes += output.utf8.count
        trim()
    }

    private mutating func trim() {
        while entries.count > Self.maximumCount || (bytes > Self.maximumBytes && entries.count > 1) {
            let oldest = entries.removeFirst()
            bytes -= oldest.input.utf8.count + (oldest.output?.utf8.count ?? 0)
        }
    }

    /// - Parameter session: the interpreter that runs.
    func find(_ request: HistoryRequest, session current: Int) -> [Entry] {
        switch request.selection {
        case .tail(let count): return Array(entries.suffix(count))
        case .range(let session, let start, let stop):
            // 0 and below count back from the interpreter that runs.
            let wanted = session <= 0 ? current + session : session
            return entries.filter { $0.session == wanted && $0.line >= start && stop.map($0.line.lessThan) != false }
        case .search(let pattern, let count, let isUnique):
            var found: [Entry] = []
            var seen: Set<String> = []
            for entry in entries.reversed() where Glob.matches(entry.input, pattern) {
                if isUnique, !seen.insert(entry.input).inserted { continue }
                found.append(entry)
                if found.count == count { break }
            }
            return found.reversed()
        }
    }
}

extension Int {
    fileprivate func lessThan(_ other: Int) -> Bool { self < other }
}

/// Which part of the history a client wants.
struct HistoryRequest: Sendable, Equatable {
    enum Selection: Sendable, Equatable {
        case tail(Int)
        /// `stop` is not part of it; nil for the end.
        case range(session: Int, start: Int, stop: Int?)
        case search(String, count: Int, isUnique: Bool)
    }

    enum Kind: String, CaseIterable {
        case tail, range, search
    }

    let selection: Selection
    let withOutputs: Bool

    init?(_ reader: ObjectReader) {
        withOutputs = reader.bool("output") ?? false
        let kind = reader.string("hist_access_type", required: true)
        let most = Int64(KernelHistory.maximumCount)
        let count = Int(reader.integer("n", in: 0...Int64.max).map { min($0, most) } ?? most)
        let session = Int(reader.integer("session", in: -1_000_000...1_000_000) ?? 0)
        let start = Int(reader.integer("start", in: 0...Int64.max) ?? 0)
        let stop = reader.integer("stop", in: 0...Int64.max).map { Int($0) }
        let pattern = reader.string("pattern", maximumBytes: 64) ?? "*"
        switch kind.map({ Kind(rawValue: $0) }) {
        case nil: return nil
        case .some(.none):
            reader.complain(
                "hist_access_type", "is \"\(ObjectReader.shown(kind ?? "", 32))\", expected is tail, range or search")
            return nil
        case .tail?: selection = .tail(count)
        case .range?: selection = .range(session: session, start: start, stop: stop)
        case .search?:
            selection = .search(pattern, count: max(count, 1), isUnique: reader.bool("unique") ?? false)
        }
    }
}

/// Patterns with `*` and `?`, in time linear in pattern times text.
enum Glob {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let (text, pattern) = (Array(text.unicodeScalars), Array(pattern.unicodeScalars))
        var (index, place) = (0, 0)
        var star: (place: Int, index: Int)?
        while index < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[index] {
                index += 1
                place += 1
            } else if let last = star {
                // The star takes one more.
                (place, index) = (last.place + 1, last.index + 1)
                star = (last.place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
