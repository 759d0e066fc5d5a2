internal import ConfigurationFiles
internal import RunModel

/// The mapping `session` of a policy as one file says it: each key absent or of the right type, nothing yet inherited or compared.
struct SessionKeys {
    private static let inCell = "cell."

    var limits: [SessionLimitName: Located<Int64>] = [:]
    var onLimit: Located<CellLimitAction>?
    var onIdle: Located<OnSessionIdle>?
    var poolMinimum: Located<Int64>?
    var poolMaximum: Located<Int64>?

    init() {}

    init(_ session: MappingReader) {
        let names = SessionLimitName.allCases
        session.rejectKeys(
            notIn: names.map(\.rawValue).filter { !$0.hasPrefix(Self.inCell) } + [
                "cell", "on_limit", "on_idle", "pool",
            ])
        let cell = session.mapping("cell")
        cell?.rejectKeys(
            notIn: names.map(\.rawValue).filter { $0.hasPrefix(Self.inCell) }.map {
                String($0.dropFirst(Self.inCell.count))
            })
        for name in names {
            let isInCell = name.rawValue.hasPrefix(Self.inCell)
            let key = isInCell ? String(name.rawValue.dropFirst(Self.inCell.count)) : name.rawValue
            limits[name] = (isInCell ? cell : session)?.quantity(key, as: QuantityKind(name.unit), in: name.range)
        }
        onLimit = session.choice("on_limit", of: CellLimitAction.self)
        onIdle = session.choice("on_idle", of: OnSessionIdle.self)
        if let pool = session.mapping("pool") {
            pool.rejectKeys(notIn: ["min", "max"])
            poolMinimum = pool.integer("min", in: PoolSettings.range)
            poolMaximum = pool.integer("max", in: 1...PoolSettings.range.upperBound)
        }
    }
}
