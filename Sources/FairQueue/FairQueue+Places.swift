/// The positions of those that wait, and how long they will: estimates from the tags, as if all costs were those expected.
extension FairQueue {
    /// Of something that came last. Looks at each flow once.
    func entryPlace(of id: ID, _ now: Int64) -> QueuePlace {
        guard let waiter = waiting[id], let line = lines[waiter.tenant] else { return QueuePlace(position: 1) }
        let cost = CostEstimates.clamped(estimates.average(tenant: waiter.tenant))
        let own = ownRank(of: waiter, line, cost, now)
        let mine = tenants.tag(of: waiter.tenant) + Double(own) * cost / Double(line.terms.weight)
        var before = own
        for (name, other) in lines where name != waiter.tenant && other.waiting > 0 {
            let step = CostEstimates.clamped(estimates.average(tenant: name)) / Double(other.terms.weight)
            before += Self.count(upTo: mine, from: tenants.tag(of: name), step: step, other.waiting)
        }
        return place(before, own: own, cost, line)
    }

    /// All that wait, the next first.
    func places(_ now: Int64) -> [(ID, QueuePlace)] {
        var all: [(key: Double, order: Int, id: ID, own: Int, tenant: String)] = []
        all.reserveCapacity(waiting.count)
        for (name, line) in lines where line.waiting > 0 {
            let cost = CostEstimates.clamped(estimates.average(tenant: name))
            let (tag, step) = (tenants.tag(of: name), cost / Double(line.terms.weight))
            for (own, id) in inOrder(line, cost, now).enumerated() {
                all.append((tag + Double(own) * step, all.count, id, own, name))
            }
        }
        all.sort { ($0.key, $0.order) < ($1.key, $1.order) }
        return all.enumerated().compactMap { before, one in
            guard let line = lines[one.tenant] else { return nil }
            let cost = CostEstimates.clamped(estimates.average(tenant: one.tenant))
            return (one.id, place(before, own: one.own, cost, line))
        }
    }

    private func place(_ before: Int, own: Int, _ cost: Double, _ line: TenantLine<ID>) -> QueuePlace {
        guard let average = estimates.average else { return QueuePlace(position: before + 1) }
        // Either all places are taken, or the tenant's are.
        let whole = Double(before + 1) * CostEstimates.clamped(average) / Double(bounds.running)
        let places = min(line.terms.concurrent ?? bounds.running, bounds.running)
        let part = Double(own + 1) * cost / Double(max(places, 1))
        return QueuePlace(position: before + 1, wait: Int64(min(max(whole, part), 86_400) * 1e9))
    }

    /// How many of the tenant's come before its youngest.
    private func ownRank(of waiter: Waiter, _ line: TenantLine<ID>, _ cost: Double, _ now: Int64) -> Int {
        var rank = 0
        for number in line.order(now: now, step: Self.ageStep, since: { waiting[$0]?.since }) {
            guard let level = line.levels[number] else { continue }
            guard number == waiter.priority else {
                rank += level.arrivals.count
                continue
            }
            let queue = line.queue(of: waiter.client)
            let own = max(level.count(inQueue: queue) - 1, 0)
            let mine = level.share.tag(of: queue) + Double(own) * cost
            for name in level.queues.keys where name != queue {
                rank += Self.count(
                    upTo: mine, from: level.share.tag(of: name), step: cost, level.count(inQueue: name))
            }
            return rank + own
        }
        return rank
    }

    /// What waits of a tenant, the next first.
    private func inOrder(_ line: TenantLine<ID>, _ cost: Double, _ now: Int64) -> [ID] {
        var ids: [ID] = []
        for number in line.order(now: now, step: Self.ageStep, since: { waiting[$0]?.since }) {
            guard let level = line.levels[number] else { continue }
            var keyed: [(key: Double, ID)] = []
            for (name, queue) in level.queues {
                let tag = level.share.tag(of: name)
                let clients = queue.clients.inOrder.map { level.waiting[$0]?.inOrder ?? [] }
                // The clients of one queue take turns.
                var number = 0
                for turn in 0..<(clients.map(\.count).max() ?? 0) {
                    for ids in clients where turn < ids.count {
                        keyed.append((tag + Double(number) * cost, ids[turn]))
                        number += 1
                    }
                }
            }
            keyed.sort { $0.key < $1.key }
            ids += keyed.map(\.1)
        }
        return ids
    }

    /// How many of `count` points from `tag` on, a step apart, lie at most at `limit`.
    private static func count(upTo limit: Double, from tag: Double, step: Double, _ count: Int) -> Int {
        guard limit >= tag else { return 0 }
        return Int(min((limit - tag) / step + 1, Double(count)))
    }
}

extension TenantLine.Level {
    /// How many wait in a queue.
    fileprivate func count(inQueue name: String) -> Int {
        queues[name]?.clients.members.reduce(0) { $0 + (waiting[$1]?.count ?? 0) } ?? 0
    }
}
