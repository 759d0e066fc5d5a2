internal import Synchronization

/// The series of a family by the values of their labels, bounded.
struct SeriesTable: Sendable {
    let name: String
    let help: String
    let type: String
    let labels: [String]

    /// The labels to count under: those given, filled up or cut to the family's; all `other` when the table is full.
    func key(_ values: [String], knows: ([String]) -> Bool, count: Int) -> [String] {
        var key = Array(values.prefix(labels.count))
        while key.count < labels.count { key.append("") }
        if count >= MetricsRegistry.maximumSeries - 1, !knows(key) { return labels.map { _ in "other" } }
        return key
    }
}

/// A number that only grows.
package final class Counter: Family {
    private let table: SeriesTable
    private let values = Mutex<[[String]: Double]>([:])

    var name: String { table.name }

    init(_ table: SeriesTable) {
        self.table = table
    }

    /// - Parameter amount: negative values and NaN are not counted.
    package func add(_ amount: Double = 1, _ labels: [String] = []) {
        guard amount >= 0, amount.isFinite else { return }
        values.withLock { values in
            let key = table.key(labels, knows: { values[$0] != nil }, count: values.count)
            values[key, default: 0] += amount
        }
    }

    func write(to text: inout String) {
        text += Exposition.head(name, table.help, table.type)
        var values = values.withLock { $0 }
        if table.labels.isEmpty, values.isEmpty { values[[]] = 0 }
        for (key, value) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text += "\(name)\(Exposition.labels(table.labels, key)) \(Exposition.number(value))\n"
        }
    }
}

/// A number that goes up and down.
package final class Gauge: Family {
    private let table: SeriesTable
    private let values = Mutex<[[String]: Double]>([:])

    var name: String { table.name }

    init(_ table: SeriesTable) {
        self.table = table
    }

    package func add(_ amount: Double, _ labels: [String] = []) {
        values.withLock { values in
            let key = table.key(labels, knows: { values[$0] != nil }, count: values.count)
            values[key, default: 0] += amount
        }
    }

    package func set(_ value: Double, _ labels: [String] = []) {
        values.withLock { values in
            values[table.key(labels, knows: { values[$0] != nil }, count: values.count)] = value
        }
    }

    func write(to text: inout String) {
        text += Exposition.head(name, table.help, table.type)
        var values = values.withLock { $0 }
        if table.labels.isEmpty, values.isEmpty { values[[]] = 0 }
        for (key, value) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text += "\(name)\(Exposition.labels(table.labels, key)) \(Exposition.number(value))\n"
        }
    }
}

/// The distribution of values.
package final class Histogram: Family {
    private struct Series {
        var counts: [UInt64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    private let table: SeriesTable
    private let buckets: [Double]
    private let series = Mutex<[[String]: Series]>([:])

    var name: String { table.name }

    init(_ table: SeriesTable, buckets: [Double]) {
        self.table = table
        self.buckets = buckets
    }

    package func observe(_ value: Double, _ labels: [String] = []) {
        guard value.isFinite else { return }
        let bucket = buckets.firstIndex { value <= $0 }
        series.withLock { series in
            let key = table.key(labels, knows: { series[$0] != nil }, count: series.count)
            var one = series[key] ?? Series(counts: [UInt64](repeating: 0, count: buckets.count))
            if let bucket { one.counts[bucket] &+= 1 }
            one.sum += value
            one.count &+= 1
            series[key] = one
        }
    }

    func write(to text: inout String) {
        text += Exposition.head(name, table.help, table.type)
        let series = series.withLock { $0 }
        for (key, one) in series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            var total: UInt64 = 0
            for (bound, count) in zip(buckets, one.counts) {
                total &+= count
                let labels = Exposition.labels(table.labels, key, also: ("le", Exposition.number(bound)))
                text += "\(name)_bucket\(labels) \(total)\n"
            }
            text += "\(name)_bucket\(Exposition.labels(table.labels, key, also: ("le", "+Inf"))) \(one.count)\n"
            text += "\(name)_sum\(Exposition.labels(table.labels, key)) \(Exposition.number(one.sum))\n"
            text += "\(name)_count\(Exposition.labels(table.labels, key)) \(one.count)\n"
        }
    }
}
