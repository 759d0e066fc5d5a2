internal import ConfigurationFiles
internal import RunModel

/// The mapping `workspace` of a policy as one file says it: each key absent or of the right type, nothing yet inherited or compared.
struct WorkspaceKeys {
    var limits: [WorkspaceLimitName: Located<Int64>] = [:]
    var poolMinimum: Located<Int64>?
    var poolMaximum: Located<Int64>?

    init() {}

    init(_ workspace: MappingReader) {
        let names = WorkspaceLimitName.allCases
        workspace.rejectKeys(notIn: names.map(\.rawValue) + ["pool"])
        for name in names {
            limits[name] = workspace.quantity(name.rawValue, as: QuantityKind(name.unit), in: name.range)
        }
        if let pool = workspace.mapping("pool") {
            pool.rejectKeys(notIn: ["min", "max"])
            poolMinimum = pool.integer("min", in: PoolSettings.range)
            poolMaximum = pool.integer("max", in: 1...PoolSettings.range.upperBound)
        }
    }
}
