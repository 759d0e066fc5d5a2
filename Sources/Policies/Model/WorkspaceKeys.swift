internal import ConfigurationFiles
internal import RunModel

/// The mapping `workspace` of a policy as one file says it: each key absent or of the right type, nothing yet inherited or compared.
struct WorkspaceKeys {
    var limits: [WorkspaceLimitName: Located<Int64>] = [:]

    init() {}

    init(_ workspace: MappingReader) {
        let names = WorkspaceLimitName.allCases
        workspace.rejectKeys(notIn: names.map(\.rawValue))
        for name in names {
            limits[name] = workspace.quantity(name.rawValue, as: QuantityKind(name.unit), in: name.range)
        }
    }
}
