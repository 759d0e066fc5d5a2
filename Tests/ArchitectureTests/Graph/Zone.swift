/// How far a target is trusted, and so what it may lean on. Each zone may use those before it; of `apis`, no target uses another
/// one: what two of them need belongs to a service, to `HTTPInterface` or to `APIFormat`.
enum Zone: Int, Comparable {
    case model, base, privileged, orchestration, network, apis, composition

    static func < (left: Zone, right: Zone) -> Bool { left.rawValue < right.rawValue }

    /// Whether code of this zone runs as root or is shared with code that does.
    var isPrivileged: Bool { self <= .privileged }

    /// Modules of the toolchain and the C library that code of this zone may import.
    var standardModules: Set<String> {
        isPrivileged
            ? ["Glibc", "Synchronization"]
            : ["Glibc", "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "RegexBuilder"]
    }
}

/// The table of targets in docs/architecture.md: a row may import only rows above it.
///
/// Rows that are not built yet keep their place, so that the order is decided before the code is there.
enum TargetTable {
    static let rows: [(zone: Zone, name: String)] = [
        (.model, "SandboxSpec"),
        (.model, "WardenProtocol"),
        (.base, "CLinux"),
        (.base, "LinuxSystem"),
        (.base, "CgroupDiscovery"),
        (.privileged, "CSeccomp"),
        (.privileged, "CCapability"),
        (.privileged, "CSandbox"),
        (.privileged, "CZygote"),
        (.privileged, "Cgroups"),
        (.privileged, "Confinement"),
        (.privileged, "ResourceMonitor"),
        (.privileged, "Warden"),
        (.privileged, "nestbox-init"),
        (.privileged, "nestbox-warden"),
        (.orchestration, "StrictJSON"),
        (.orchestration, "CCrypto"),
        (.orchestration, "Digests"),
        (.orchestration, "AuditLog"),
        (.orchestration, "FairQueue"),
        (.orchestration, "TraceContexts"),
        (.orchestration, "EgressRules"),
        (.orchestration, "RunModel"),
        (.orchestration, "SessionModel"),
        (.orchestration, "WorkspaceModel"),
        (.orchestration, "ConfigurationFiles"),
        (.orchestration, "Tenants"),
        (.orchestration, "Policies"),
        (.orchestration, "Images"),
        (.orchestration, "CallTrace"),
        (.orchestration, "Examples"),
        (.orchestration, "SandboxPool"),
        (.orchestration, "Reactor"),
        (.orchestration, "Egress"),
        (.orchestration, "WardenClient"),
        (.orchestration, "RunStore"),
        (.orchestration, "SandboxSupply"),
        (.orchestration, "RunPlanning"),
        (.orchestration, "RuleGenerations"),
        (.orchestration, "RunExecution"),
        (.orchestration, "RunService"),
        (.orchestration, "SessionExecution"),
        (.orchestration, "SessionService"),
        (.orchestration, "WorkspaceService"),
        (.network, "ServiceMetrics"),
        (.network, "TraceExport"),
        (.network, "AccessKeys"),
        (.network, "ServerSettings"),
        (.network, "JSONLogging"),
        (.network, "CZlib"),
        (.network, "WebSockets"),
        (.network, "ServerTransport"),
        (.network, "HTTPInterface"),
        (.network, "APIFormat"),
        (.apis, "RunAPI"),
        (.apis, "SessionAPI"),
        (.apis, "WorkspaceAPI"),
        (.apis, "PlaygroundAPI"),
        (.apis, "OperationsAPI"),
        (.apis, "JupyterAPI"),
        (.apis, "AdminAPI"),
        (.composition, "NestboxClient"),
        (.composition, "Daemon"),
        (.composition, "nestboxd"),
        (.composition, "nestbox"),
    ]

    /// Libraries that one target alone may import, so that they can be replaced in one place.
    static let soleImporters = ["Yams": "ConfigurationFiles", "GRDB": "RunStore"]

    /// What tests of several targets share. It is in no row, so that no source can depend on it, and depends on nothing
    /// itself: what is tested is not used to test it.
    static let testSupport = "TestSupport"

    /// What only the service needs. The command line must not reach it, not even through others.
    static let serverOnly: Set<String> = [
        "Daemon", "RunAPI", "SessionAPI", "WorkspaceAPI", "PlaygroundAPI", "OperationsAPI", "JupyterAPI", "AdminAPI",
        "APIFormat",
        "HTTPInterface",
        "ServerTransport", "Hummingbird",
        "HummingbirdCore",
    ]

    static func row(of name: String) -> Int? { rows.firstIndex { $0.name == name } }

    static func zone(of name: String) -> Zone? { row(of: name).map { rows[$0].zone } }
}
