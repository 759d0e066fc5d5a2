/// A number that is looked up on request.
struct LookedUp: Family {
    let name: String
    let help: String
    let type: String
    let value: @Sendable () -> Double

    func write(to text: inout String) {
        text += Exposition.head(name, help, type)
        text += "\(name) \(Exposition.number(value()))\n"
    }
}

/// Numbers that are looked up on request, by labels. What comes beyond `MetricsRegistry.maximumSeries` is added up under `other`.
struct LookedUpSeries: Family {
    private let table: SeriesTable
    private let values: @Sendable () -> [([String], Double)]

    init(_ table: SeriesTable, _ values: @escaping @Sendable () -> [([String], Double)]) {
        self.table = table
        self.values = values
    }

    var name: String { table.name }

    func write(to text: inout String) {
        text += Exposition.head(name, table.help, table.type)
        var sums: [[String]: Double] = [:]
        var order: [[String]] = []
        for (labels, value) in values() {
            let key = table.key(labels, knows: { sums[$0] != nil }, count: sums.count)
            if sums[key] == nil { order.append(key) }
            sums[key, default: 0] += value
        }
        for key in order {
            text += "\(name)\(Exposition.labels(table.labels, key)) \(Exposition.number(sums[key] ?? 0))\n"
        }
    }
}
