/// Decides which of the things that need a place (runs, by their ids) hold one now, which wait, and which are refused. A value:
/// requests and times go in, actions come out.
///
/// Tenants take turns by weight and cost, and within a tenant its clients do. The cost of something is the time for which it holds
/// its place, or the processor time it used if that is more, in seconds. It is estimated when it starts, raised while it lasts
/// longer, and corrected when it ends. So one that floods waits behind its own, not in front of others. What starts and ends takes
/// O(log n); what has to wait also has its position computed, which looks at each flow once.
package struct FairQueue<ID: Hashable & Sendable>: Sendable {
    package enum Action: Sendable, Equatable {
        case start(ID)
        /// It waits, and there.
        case wait(ID, QueuePlace)
    }

    struct Waiter: Sendable {
        let tenant: String
        let client: String
        let priority: Int
        let kind: String
        let since: Int64
        /// The place that was reported last, when, and how often one was.
        var place = QueuePlace(position: 0)
        var reportedAt: Int64
        var times = 1
    }

    private struct Seat: Sendable {
        let tenant: String
        let client: String
        let queue: String
        let level: Int
        let kind: String
        let since: Int64
        var charged: Double
    }

    /// A client with something that runs or waits.
    package struct Load: Sendable, Equatable {
        package let tenant: String
        package let client: String
        package let running: Int
        package let waiting: Int
    }

    /// A place is reported again after this many nanoseconds at the earliest, and after a quarter of the time waited so far: the
    /// number of reports grows with the logarithm of the wait, however long the queue is.
    package static var shortestPause: Int64 { 500_000_000 }
    /// And never more often than this.
    package static var maximumReports: Int { 64 }
    /// So long a wait, in nanoseconds, counts as much as one more of priority.
    package static var ageStep: Int64 { 30_000_000_000 }

    let bounds: AdmissionBounds
    private let shards: ShuffleShard
    var tenants = FairShare<String>()
    var lines: [String: TenantLine<ID>] = [:]
    private var seats: [ID: Seat] = [:]
    var waiting: [ID: Waiter] = [:]
    /// The same, the oldest first.
    private var arrivals = IndexedHeap<ID>()
    private var arrived = 0.0
    var estimates = CostEstimates()
    private var isClosed = false

    package init(bounds: AdmissionBounds, shards: ShuffleShard = ShuffleShard()) {
        self.bounds = bounds
        self.shards = shards
    }

    package var runningCount: Int { seats.count }
    package var waitingCount: Int { waiting.count }
    /// Clients that have to be remembered: those with something that runs or waits.
    package var clientCount: Int { lines.values.reduce(0) { $0 + $1.clients.count } }

    package var loads: [Load] {
        lines.flatMap { tenant, line in
            line.clients.map { Load(tenant: tenant, client: $0, running: $1.running, waiting: $1.waiting) }
        }
    }

    /// The place of something that waits, as it was reported last; nil when it does not wait.
    package func place(of id: ID) -> QueuePlace? { waiting[id]?.place }

    /// Since when the one that has waited longest does; nil when none waits.
    package var oldestSince: Int64? { arrivals.first.flatMap { waiting[$0]?.since } }

    /// Those that have waited since before this moment.
    package func waiting(since moment: Int64) -> [ID] {
        waiting.filter { $0.value.since < moment }.map(\.key)
    }

    /// Something asks for a place.
    ///
    /// - Parameter now: nanoseconds of a monotonic clock.
    /// - Throws: when there is no place for it; then nothing has changed.
    package mutating func enter(
        _ id: ID, _ request: QueueRequest, now: Int64
    ) throws(AdmissionRefusal) -> [Action] {
        guard !isClosed else { throw .closed }
        let bound = request.concurrent ?? bounds.runningPerClient
        try check(request, bound)
        let isUncontended = waiting.isEmpty && seats.count < bounds.running
        if isUncontended { tenants.forgive() }
        lines[request.tenant, default: TenantLine(terms: request.terms)].prepare(request, bound, isUncontended)
        if let shard = newShard(for: request) {
            lines[request.tenant]?.clients[request.client]?.shard = shard
        }
        arrived += 1
        lines[request.tenant]?.add(id, of: request.client, priority: request.priority, order: arrived)
        waiting[id] = Waiter(
            tenant: request.tenant, client: request.client, priority: request.priority, kind: request.kind,
            since: now, reportedAt: now)
        arrivals.set(id, key: arrived)
        refresh(request.tenant)
        var actions = advance(now)
        if waiting[id] != nil {
            let place = entryPlace(of: id, now)
            waiting[id]?.place = place
            actions.append(.wait(id, place))
        }
        return actions
    }

    /// - Throws: when it would have to wait, and too many do.
    private func check(_ request: QueueRequest, _ bound: Int) throws(AdmissionRefusal) {
        let line = lines[request.tenant]
        let client = line?.clients[request.client]
        let isTenantFree = request.terms.concurrent.map { line?.running ?? 0 < $0 } ?? true
        // Whatever could start has been started: a free place is for whoever comes.
        guard seats.count >= bounds.running || !isTenantFree || client?.running ?? 0 >= bound else { return }
        guard waiting.count < bounds.queued else { throw .queueFull }
        guard client?.waiting ?? 0 < bounds.queuedPerClient else { throw .clientQueueFull }
        if let queued = request.terms.queued, line?.waiting ?? 0 >= queued { throw .tenantQueueFull(queued) }
    }

    /// Something is over, or waits no more.
    ///
    /// - Parameter cpu: seconds of processor time that it has used.
    package mutating func leave(_ id: ID, now: Int64, cpu: Double = 0) -> [Action] {
        if let seat = seats.removeValue(forKey: id) {
            let cost = CostEstimates.clamped(max(Self.seconds(from: seat.since, to: now), cpu))
            correct(seat, by: cost - seat.charged)
            estimates.note(cost, tenant: seat.tenant, kind: seat.kind)
            lines[seat.tenant]?.running -= 1
            lines[seat.tenant]?.clients[seat.client]?.running -= 1
            lines[seat.tenant]?.refresh(seat.client)
            refresh(seat.tenant)
        } else if let waiter = waiting.removeValue(forKey: id) {
            arrivals.remove(id)
            lines[waiter.tenant]?.removeWaiting(id, of: waiter.client, priority: waiter.priority)
            refresh(waiter.tenant)
        }
        return advance(now)
    }

    /// Charges what lasts longer than estimated, and reports the places that have changed since they were reported last, when it is
    /// time; to be called a few times a second.
    package mutating func report(now: Int64) -> [Action] {
        for (id, seat) in seats {
            let elapsed = Self.seconds(from: seat.since, to: now)
            guard elapsed > seat.charged else { continue }
            correct(seat, by: elapsed - seat.charged)
            seats[id]?.charged = elapsed
        }
        guard !waiting.isEmpty else { return [] }
        var actions: [Action] = []
        for (id, place) in places(now) {
            guard var waiter = waiting[id], waiter.place.position != place.position,
                waiter.times < Self.maximumReports,
                now - waiter.reportedAt >= max(Self.shortestPause, (now - waiter.since) / 4)
            else { continue }
            waiter.place = place
            waiter.reportedAt = now
            waiter.times += 1
            waiting[id] = waiter
            actions.append(.wait(id, place))
        }
        return actions
    }

    /// Admits no more; those that wait still get their turn.
    package mutating func close() {
        isClosed = true
    }

    // MARK: - Turns

    /// Starts those that there is a place for.
    private mutating func advance(_ now: Int64) -> [Action] {
        var actions: [Action] = []
        while seats.count < bounds.running, let (id, tenant, client, queue, level) = next(now) {
            guard let waiter = waiting.removeValue(forKey: id) else { break }
            arrivals.remove(id)
            let cost = estimates.estimate(tenant: tenant, kind: waiter.kind)
            tenants.charge(tenant, cost)
            lines[tenant]?.levels[level]?.share.charge(queue, cost)
            lines[tenant]?.levels[level]?.passTurn(of: client, in: queue)
            lines[tenant]?.running += 1
            lines[tenant]?.clients[client]?.running += 1
            lines[tenant]?.removeWaiting(id, of: client, priority: level)
            seats[id] = Seat(
                tenant: tenant, client: client, queue: queue, level: level, kind: waiter.kind, since: now,
                charged: cost)
            refresh(tenant)
            actions.append(.start(id))
        }
        return actions
    }

    private mutating func next(_ now: Int64) -> (id: ID, tenant: String, client: String, queue: String, level: Int)? {
        let (lines, places, weights) = (lines, bounds, tenants.readyWeight)
        let tenant = tenants.next { name in
            lines[name].map { $0.running < Self.share(of: $0.terms, places, weights) } ?? false
        }
        guard let tenant, let line = lines[tenant] else { return nil }
        for level in line.order(now: now, step: Self.ageStep, since: { waiting[$0]?.since }) {
            if let (id, client, queue) = line.next(in: level, share: bounds.share) {
                return (id, tenant, client, queue, level)
            }
        }
        return nil
    }

    /// The places that a tenant may hold while others wait for one.
    private static func share(of terms: QueueTerms, _ bounds: AdmissionBounds, _ weights: Double) -> Int {
        let part = Double(terms.weight) / max(weights, Double(terms.weight))
        return max(bounds.share, Int((Double(bounds.running) * part).rounded(.up)))
    }

    private mutating func refresh(_ tenant: String) {
        guard let line = lines[tenant] else { return }
        tenants.set(tenant, isReady: line.isReady, weight: Double(max(line.terms.weight, 1)))
        if line.isIdle { lines[tenant] = nil }
    }

    private mutating func correct(_ seat: Seat, by cost: Double) {
        tenants.adjust(seat.tenant, by: cost)
        lines[seat.tenant]?.levels[seat.level]?.share.adjust(seat.queue, by: cost)
    }

    /// Of the queues that the address was dealt, the one in which fewest wait. It keeps that one while it has something there: an
    /// address that floods fills one queue, and has the turns of one.
    private func newShard(for request: QueueRequest) -> Int? {
        guard request.isSharded, let line = lines[request.tenant], line.clients[request.client]?.isIdle == true
        else { return nil }
        var used: [Int: Int] = [:]
        for client in line.clients.values { if let shard = client.shard { used[shard, default: 0] += 1 } }
        return shards.hand(of: request.client).min { one, other in
            (line.waiting(inShard: one), used[one] ?? 0) < (line.waiting(inShard: other), used[other] ?? 0)
        }
    }

    private static func seconds(from start: Int64, to end: Int64) -> Double { Double(max(end - start, 0)) / 1e9 }
}
