internal import SessionModel

/// Questions that are not answered yet, bounded by their deadlines and by their owner.
struct PendingQueries: Sendable {
    struct Query: Sendable {
        let id: String
        let reply: Int
        let query: SessionQuery
        let until: Int64
        var isSent = false
    }

    private(set) var list: [Query] = []
    /// Ids whose answers nobody waits for any more: late ones are not forged ones.
    private var late: [String] = []
    private var count = 0

    /// Of those that may still be answered late.
    static let maximumLate = 64

    var deadline: Int64? { list.map(\.until).min() }

    mutating func add(_ query: SessionQuery, reply: Int, until: Int64) {
        count += 1
        list.append(Query(id: "q\(count)", reply: reply, query: query, until: until))
    }

    /// Those that have not been sent; they count as sent from here on.
    mutating func takeUnsent() -> [Query] {
        let unsent = list.filter { !$0.isSent }
        for index in list.indices { list[index].isSent = true }
        return unsent
    }

    /// The question that this is an answer to.
    enum Match {
        case query(Query)
        case late
        case unknown
    }

    mutating func take(_ id: String) -> Match {
        if let index = list.firstIndex(where: { $0.id == id && $0.isSent }) { return .query(list.remove(at: index)) }
        if let index = late.firstIndex(of: id) {
            late.remove(at: index)
            return .late
        }
        return .unknown
    }

    /// Those whose time is over.
    mutating func takeOverdue(_ now: Int64) -> [Query] {
        let overdue = list.filter { $0.until <= now }
        list.removeAll { $0.until <= now }
        for query in overdue where query.isSent { late.append(query.id) }
        if late.count > Self.maximumLate { late.removeFirst(late.count - Self.maximumLate) }
        return overdue
    }

    /// All of them: nobody is left who could answer.
    mutating func takeAll() -> [Query] {
        defer { (list, late) = ([], []) }
        return list
    }
}
