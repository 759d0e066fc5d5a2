/// What things of a kind have cost lately, by tenant: moving averages. Bounded: what was not asked for or noted for long is forgotten.
package struct CostEstimates: Sendable {
    private struct Kind: Hashable {
        let tenant: String
        let name: String
    }

    /// The part of a new cost in the average.
    private static let part = 0.125
    /// Of a kind that nothing is known about.
    package static let standard = 1.0
    /// The smallest cost: something that costs nothing could start without end.
    package static let smallest = 0.001
    private static let largest = 86_400.0

    private let maximum: Int
    private var recent: [Kind: Double] = [:]
    private var older: [Kind: Double] = [:]
    /// Of all kinds and tenants; nil before the first.
    package private(set) var average: Double?

    package init(maximum: Int = 4096) {
        self.maximum = max(maximum, 2)
    }

    package var count: Int { recent.count + older.count }

    /// The cost to expect: of this tenant and kind, or else of this kind, or else of everything.
    package mutating func estimate(tenant: String, kind: String) -> Double {
        value(Kind(tenant: tenant, name: kind)) ?? value(Kind(tenant: "", name: kind)) ?? average ?? Self.standard
    }

    /// Of all kinds of a tenant.
    package func average(tenant: String) -> Double {
        let kind = Kind(tenant: tenant, name: "")
        return recent[kind] ?? older[kind] ?? average ?? Self.standard
    }

    /// - Parameter cost: seconds.
    package mutating func note(_ cost: Double, tenant: String, kind: String) {
        let cost = Self.clamped(cost)
        average = Self.moved(average, to: cost)
        for kind in [
            Kind(tenant: tenant, name: kind), Kind(tenant: "", name: kind), Kind(tenant: tenant, name: ""),
        ] { set(kind, Self.moved(value(kind), to: cost)) }
    }

    package static func clamped(_ cost: Double) -> Double {
        cost.isFinite ? min(max(cost, smallest), largest) : smallest
    }

    private static func moved(_ value: Double?, to cost: Double) -> Double {
        value.map { $0 + (cost - $0) * part } ?? cost
    }

    private mutating func value(_ kind: Kind) -> Double? {
        if let value = recent[kind] { return value }
        guard let value = older.removeValue(forKey: kind) else { return nil }
        set(kind, value)
        return value
    }

    private mutating func set(_ kind: Kind, _ value: Double) {
        older[kind] = nil
        if recent[kind] == nil, recent.count >= maximum / 2 { (older, recent) = (recent, [:]) }
        recent[kind] = value
    }
}
