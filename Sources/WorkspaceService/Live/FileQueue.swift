internal import LinuxSystem
internal import WardenProtocol

/// Orders about files, one with pid 1 at a time. A value on the reactor's thread.
struct FileQueue {
    typealias Answer = (FilesResult, SharedDescriptor?) -> Void

    struct Job {
        let order: FilesOrder
        let archive: SharedDescriptor?
        let until: Int64
        /// Nil once it has been given: what comes then is late.
        var answer: Answer?
    }

    /// That wait; one more is refused.
    static let maximumWaiting = 32
    /// pid 1 gives up after half of it. Nanoseconds.
    static let time: Int64 = 10_000_000_000

    private(set) var current: Job?
    private var waiting: [Job] = []

    var isFull: Bool { waiting.count >= Self.maximumWaiting }

    /// The earliest moment at which somebody has waited for too long.
    var deadline: Int64? {
        ([current.flatMap { $0.answer == nil ? nil : $0.until }] + waiting.map(\.until)).compactMap(\.self).min()
    }

    mutating func append(_ job: Job) { waiting.append(job) }

    /// The one that is to be sent now.
    mutating func begin() -> Job? {
        guard current == nil, !waiting.isEmpty else { return nil }
        current = waiting.removeFirst()
        return current
    }

    /// - Returns: whom to tell.
    mutating func finish() -> Answer? {
        defer { current = nil }
        return current?.answer
    }

    mutating func takeOverdue(_ now: Int64) -> [Answer] {
        var answers: [Answer] = []
        if let job = current, let answer = job.answer, job.until <= now {
            // Its place stays taken: answers come in the order of the orders.
            current?.answer = nil
            answers.append(answer)
        }
        answers += waiting.filter { $0.until <= now }.compactMap(\.answer)
        waiting.removeAll { $0.until <= now }
        return answers
    }

    /// There is nobody any more who would answer.
    mutating func takeAll() -> [Answer] {
        defer { (current, waiting) = (nil, []) }
        return [current?.answer].compactMap(\.self) + waiting.compactMap(\.answer)
    }
}
