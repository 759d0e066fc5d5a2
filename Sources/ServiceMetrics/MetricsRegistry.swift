internal import Synchronization

/// Counters, gauges and histograms by name, and their text for Prometheus (exposition format 0.0.4).
///
/// Safe from any thread. Bounded: each family has a fixed list of labels and at most `maximumSeries` combinations of
/// their values; further combinations count under `other`.
package final class MetricsRegistry: Sendable {
    /// A name that cannot be registered, and why.
    package struct InvalidName: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    package static let maximumSeries = 256

    private let families = Mutex<[String: any Family]>([:])

    package init() {}

    /// A number that only grows. Names end in `_total`.
    package func counter(_ name: String, help: String, labels: [String] = []) throws(InvalidName) -> Counter {
        guard name.hasSuffix("_total") else { throw InvalidName(description: "counter \(name) does not end in _total") }
        return try register(Counter(SeriesTable(name: name, help: help, type: "counter", labels: labels)), labels)
    }

    /// A number that goes up and down.
    package func gauge(_ name: String, help: String, labels: [String] = []) throws(InvalidName) -> Gauge {
        try register(Gauge(SeriesTable(name: name, help: help, type: "gauge", labels: labels)), labels)
    }

    /// A number that is looked up when metrics are requested. The closure must not wait.
    package func gauge(
        _ name: String, help: String, _ value: @escaping @Sendable () -> Double
    ) throws(InvalidName) {
        _ = try register(LookedUp(name: name, help: help, type: "gauge", value: value), [])
    }

    /// Numbers that are looked up when metrics are requested, one for each combination of labels. The closure must not wait.
    package func gauge(
        _ name: String, help: String, labels: [String], _ values: @escaping @Sendable () -> [([String], Double)]
    ) throws(InvalidName) {
        _ = try register(
            LookedUpSeries(SeriesTable(name: name, help: help, type: "gauge", labels: labels), values), labels)
    }

    /// Counters that other code keeps, one for each combination of labels. Names end in `_total`.
    package func counter(
        _ name: String, help: String, labels: [String], _ values: @escaping @Sendable () -> [([String], Double)]
    ) throws(InvalidName) {
        guard name.hasSuffix("_total") else { throw InvalidName(description: "counter \(name) does not end in _total") }
        let table = SeriesTable(name: name, help: help, type: "counter", labels: labels)
        _ = try register(LookedUpSeries(table, values), labels)
    }

    /// A counter that other code keeps. Names end in `_total`, or are Prometheus' own.
    package func counter(
        _ name: String, help: String, _ value: @escaping @Sendable () -> Double
    ) throws(InvalidName) {
        _ = try register(LookedUp(name: name, help: help, type: "counter", value: value), [])
    }

    /// The distribution of values.
    ///
    /// - Parameter buckets: upper bounds, rising; `+Inf` is added.
    package func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: [Double]
    ) throws(InvalidName) -> Histogram {
        guard !buckets.isEmpty, buckets == Set(buckets).sorted(), buckets.allSatisfy(\.isFinite) else {
            throw InvalidName(description: "histogram \(name) has buckets that do not rise")
        }
        return try register(
            Histogram(SeriesTable(name: name, help: help, type: "histogram", labels: labels), buckets: buckets), labels)
    }

    private func register<F: Family>(_ family: F, _ labels: [String]) throws(InvalidName) -> F {
        guard Self.isName(family.name), Set(labels).count == labels.count,
            labels.allSatisfy({ Self.isName($0) && !$0.hasPrefix("__") && $0 != "le" })
        else {
            throw InvalidName(description: "\(family.name) or one of its labels is no valid name")
        }
        let isNew = families.withLock { families in
            guard families[family.name] == nil else { return false }
            families[family.name] = family
            return true
        }
        guard isNew else { throw InvalidName(description: "\(family.name) is there already") }
        return family
    }

    /// `[a-z_][a-z0-9_]*`, as Prometheus and its linter have it.
    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    }

    /// All metrics, in the format of `GET /metrics`.
    package func text() -> String {
        let all = families.withLock { $0.values.sorted { $0.name < $1.name } }
        var text = ""
        for family in all { family.write(to: &text) }
        return text
    }
}

/// All series of one name.
protocol Family: Sendable {
    var name: String { get }
    func write(to text: inout String)
}
