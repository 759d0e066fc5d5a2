/// The clients of one tenant that run something or wait: whose turn it is when it is the tenant's. A value of the `FairQueue`.
///
/// What waits is sorted into levels by its priority; a level that has waited long counts as a higher one. Within a level the clients
/// take turns by cost. Each client's own come in the order in which they came.
struct TenantLine<ID: Hashable & Sendable>: Sendable {
    /// Those of one name that take turns: a key alone, or the addresses that were dealt the same queue.
    struct Queue: Sendable {
        var clients = IndexedHeap<String>()
        var turns = 0.0
    }

    struct Client: Sendable {
        var running = 0
        var waiting = 0
        var bound: Int
        /// The queue of a client without a key, as long as it has something that runs or waits.
        var shard: Int?
        var isFree: Bool { running < bound }
        var isIdle: Bool { running == 0 && waiting == 0 }
    }

    struct Level: Sendable {
        var share = FairShare<String>(maximumIdle: 256)
        var queues: [String: Queue] = [:]
        /// What waits, by client and in its order.
        var waiting: [String: IndexedHeap<ID>] = [:]
        /// All of it, the oldest first.
        var arrivals = IndexedHeap<ID>()
    }

    var terms: QueueTerms
    var running = 0
    var waiting = 0
    var clients: [String: Client] = [:]
    var levels: [Int: Level] = [:]

    init(terms: QueueTerms) {
        self.terms = terms
    }

    var isFree: Bool { terms.concurrent.map { running < $0 } ?? true }
    var isIdle: Bool { running == 0 && waiting == 0 }
    /// Whether it has something that could start if there were a place.
    var isReady: Bool { isFree && levels.values.contains { $0.share.readyCount > 0 } }

    /// The name of the queue in which a client waits.
    func queue(of client: String) -> String {
        clients[client]?.shard.map { "#\($0)" } ?? client
    }

    /// How many wait in a queue of addresses, in all levels.
    func waiting(inShard shard: Int) -> Int {
        levels.values.reduce(0) { sum, level in
            guard let queue = level.queues["#\(shard)"] else { return sum }
            return queue.clients.members.reduce(sum) { $0 + (level.waiting[$1]?.count ?? 0) }
        }
    }

    /// Takes what may have changed since the client's last request.
    mutating func prepare(_ request: QueueRequest, _ bound: Int, _ isUncontended: Bool) {
        terms = request.terms
        clients[request.client, default: Client(bound: bound)].bound = bound
        guard isUncontended else { return }
        for number in QueueRequest.priorities { levels[number]?.share.forgive() }
    }

    mutating func add(_ id: ID, of client: String, priority: Int, order: Double) {
        let queue = queue(of: client)
        levels[priority, default: Level()].waiting[client, default: IndexedHeap()].set(id, key: order)
        levels[priority]?.arrivals.set(id, key: order)
        levels[priority]?.addTurn(of: client, in: queue)
        clients[client]?.waiting += 1
        waiting += 1
        refresh(client)
    }

    mutating func removeWaiting(_ id: ID, of client: String, priority: Int) {
        let queue = queue(of: client)
        levels[priority]?.remove(id, of: client, in: queue)
        clients[client]?.waiting -= 1
        waiting -= 1
        refresh(client)
    }

    /// Brings up to date in which levels a client's queue could start something; to be called when the client's counts have changed.
    mutating func refresh(_ client: String) {
        let queue = queue(of: client)
        for number in QueueRequest.priorities where levels[number] != nil {
            guard let clients = levels[number]?.queues[queue]?.clients else {
                levels[number]?.share.set(queue, isReady: false)
                continue
            }
            let isReady = clients.members.contains { self.clients[$0]?.isFree == true }
            levels[number]?.share.set(queue, isReady: isReady)
        }
        if clients[client]?.isIdle == true { clients[client] = nil }
    }

    /// The levels in which something could start, the one whose turn it is first.
    ///
    /// - Parameters:
    ///   - since: when something began to wait.
    ///   - step: nanoseconds of waiting that count as much as one more of priority.
    func order(now: Int64, step: Int64, since: (ID) -> Int64?) -> [Int] {
        levels.filter { !$0.value.arrivals.isEmpty }.map { number, level in
            let oldest = level.arrivals.first.flatMap(since) ?? now
            return (number, Double(number) + Double(max(now - oldest, 0)) / Double(max(step, 1)))
        }.sorted { ($0.1, $0.0) > ($1.1, $1.0) }.map(\.0)
    }

    /// What is to start next in a level.
    ///
    /// - Parameter share: places that one client may hold while others of the level wait.
    func next(in level: Int, share: Int) -> (id: ID, client: String, queue: String)? {
        guard var found = levels[level] else { return nil }
        let queue = found.share.next { name in
            found.queues[name]?.clients.members.contains {
                clients[$0].map { $0.isFree && $0.running < share } ?? false
            }
                ?? false
        }
        guard let queue, var line = found.queues[queue]?.clients else { return nil }
        // One client nearly always.
        while let client = line.first {
            if clients[client]?.isFree == true, let id = found.waiting[client]?.first { return (id, client, queue) }
            line.remove(client)
        }
        return nil
    }
}

extension TenantLine.Level {
    fileprivate mutating func addTurn(of client: String, in queue: String) {
        var line = queues[queue] ?? TenantLine.Queue()
        if !line.clients.contains(client) {
            line.turns += 1
            line.clients.set(client, key: line.turns)
        }
        queues[queue] = line
    }

    /// The client has had its turn in its queue, and goes behind the others there.
    mutating func passTurn(of client: String, in queue: String) {
        guard var line = queues[queue], line.clients.contains(client) else { return }
        line.turns += 1
        line.clients.set(client, key: line.turns)
        queues[queue] = line
    }

    fileprivate mutating func remove(_ id: ID, of client: String, in queue: String) {
        arrivals.remove(id)
        waiting[client]?.remove(id)
        guard waiting[client]?.isEmpty == true else { return }
        waiting[client] = nil
        queues[queue]?.clients.remove(client)
        if queues[queue]?.clients.isEmpty == true { queues[queue] = nil }
    }
}
