/// Work of several clients, a turn each in their order: a client with much to do holds up itself. A value.
struct FairTurns<Item> {
    private struct Client {
        var items: [Item] = []
        var busy = 0
    }

    private let atOnce: Int
    private let waiting: Int
    private let waitingPerClient: Int
    private var clients: [UInt64: Client] = [:]
    /// Clients with work that may begin now, each once; whose turn it is comes first.
    private var order: [UInt64] = []
    private var count = 0

    /// - Parameters:
    ///   - atOnce: the most items of one client that are worked on.
    ///   - waiting: the most items that wait.
    ///   - waitingPerClient: the most of one client.
    init(atOnce: Int, waiting: Int, waitingPerClient: Int) {
        self.atOnce = max(atOnce, 1)
        self.waiting = waiting
        self.waitingPerClient = waitingPerClient
    }

    /// Whether some item may begin.
    var isDue: Bool { !order.isEmpty }

    /// - Returns: false when too many wait already.
    mutating func add(_ item: Item, of number: UInt64) -> Bool {
        var client = clients[number] ?? Client()
        guard count < waiting, client.items.count < waitingPerClient else { return false }
        client.items.append(item)
        count += 1
        if client.busy < atOnce, client.items.count == 1 { order.append(number) }
        clients[number] = client
        return true
    }

    /// The item whose turn it is; `finished` follows.
    mutating func next() -> (client: UInt64, item: Item)? {
        guard !order.isEmpty else { return nil }
        let number = order.removeFirst()
        guard var client = clients[number], !client.items.isEmpty else { return nil }
        let item = client.items.removeFirst()
        count -= 1
        client.busy += 1
        if client.busy < atOnce, !client.items.isEmpty { order.append(number) }
        clients[number] = client
        return (number, item)
    }

    /// An item of this client is done.
    mutating func finished(_ number: UInt64) {
        guard var client = clients[number] else { return }
        client.busy -= 1
        if client.busy == atOnce - 1, !client.items.isEmpty { order.append(number) }
        clients[number] = client.busy == 0 && client.items.isEmpty ? nil : client
    }

    /// Takes back what waits of this client.
    mutating func remove(_ number: UInt64) -> [Item] {
        guard var client = clients[number] else { return [] }
        let items = client.items
        client.items = []
        count -= items.count
        order.removeAll { $0 == number }
        clients[number] = client.busy == 0 ? nil : client
        return items
    }

    /// Takes back all that wait.
    mutating func removeAll() -> [Item] {
        let items = clients.values.flatMap(\.items)
        for number in clients.keys { clients[number]?.items = [] }
        clients = clients.filter { $0.value.busy > 0 }
        order = []
        count = 0
        return items
    }
}
