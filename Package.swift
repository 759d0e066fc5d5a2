// swift-tools-version: 6.2
import PackageDescription

// The privileged half must build with no package resolved at all. The guard in Tests/ArchitectureTests sets this
// variable, which leaves out every dependency and every target that could import one.
let privilegedOnly = Context.environment["NESTBOX_PRIVILEGED_ONLY"] != nil

let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
/// Privileged code also says where it leaves memory safety (SE-0458).
let privileged: [SwiftSetting] = swift + [.strictMemorySafety()]
let c: [CSetting] = [.unsafeFlags(["-std=gnu17", "-Wall", "-Wextra", "-Werror", "-fstack-protector-strong", "-O2"])]

/// What code that speaks HTTP works with.
let http: [Target.Dependency] = [
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "NIOCore", package: "swift-nio"),
]

// MARK: - Model: values both halves agree on

var targets: [Target] = [
    .target(name: "SandboxSpec", swiftSettings: privileged),
    .target(name: "WardenProtocol", dependencies: ["SandboxSpec"], swiftSettings: privileged),
]

// MARK: - Base: what any half may use of the kernel; libc and the Swift runtime, nothing else

targets += [
    .target(name: "CLinux", cSettings: c),
    .target(name: "LinuxSystem", dependencies: ["CLinux"], swiftSettings: privileged),
    .target(name: "CgroupDiscovery", dependencies: ["LinuxSystem"], swiftSettings: privileged),
]

// MARK: - Privileged: libc, libseccomp, libcap and the Swift runtime, nothing else

targets += [
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CCapability", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .target(name: "CSandbox", dependencies: ["CLinux"], cSettings: c),
    // Loaded into interpreters, so it must bring nothing along: swiftc drives the link, and its runtime stays out.
    .target(
        name: "CZygote", dependencies: ["CSandbox"], cSettings: c,
        linkerSettings: [
            .unsafeFlags(
                ["-nostartfiles", "-use-ld=lld"]
                    + ["--as-needed", "--gc-sections", "--remap-inputs=*libswiftCore.so=/dev/null"]
                    .flatMap { ["-Xlinker", $0] })
        ]),
    .target(
        name: "Cgroups", dependencies: ["SandboxSpec", "LinuxSystem", "CgroupDiscovery"], swiftSettings: privileged),
    .target(
        name: "Confinement", dependencies: ["SandboxSpec", "CSeccomp", "CCapability", "LinuxSystem"],
        swiftSettings: privileged),
    .target(name: "ResourceMonitor", dependencies: ["SandboxSpec"], swiftSettings: privileged),
    .target(
        name: "Warden",
        dependencies: [
            "SandboxSpec", "WardenProtocol", "CSandbox", "LinuxSystem", "CgroupDiscovery", "Cgroups", "Confinement",
            "ResourceMonitor",
        ], swiftSettings: privileged),
    // Static, and free of the Swift runtime although swiftc drives the link.
    .executableTarget(
        name: "nestbox-init", dependencies: ["CSandbox"], cSettings: c,
        linkerSettings: [.unsafeFlags(["-static-stdlib", "-nostartfiles", "-Xclang-linker", "-static"])]),
    .executableTarget(
        name: "nestbox-warden", dependencies: ["Warden", "LinuxSystem"], swiftSettings: privileged),
]

var dependencies: [Package.Dependency] = []
var products: [Product] = [
    .executable(name: "nestbox-warden", targets: ["nestbox-warden"]),
    .executable(name: "nestbox-init", targets: ["nestbox-init"]),
    .library(name: "nestbox-zygote", type: .dynamic, targets: ["CZygote"]),
]

if !privilegedOnly {
    dependencies += [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: ["CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ]

    // MARK: - Orchestration: no privilege; libraries welcome

    targets += [
        .target(name: "StrictJSON", swiftSettings: swift),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Digests", dependencies: ["CCrypto"], swiftSettings: swift),
        .target(
            name: "TraceContexts",
            dependencies: [.product(name: "Instrumentation", package: "swift-distributed-tracing")],
            swiftSettings: swift),
        .target(name: "EgressRules", dependencies: ["SandboxSpec"], swiftSettings: swift),
        .target(name: "RunModel", dependencies: ["SandboxSpec", "StrictJSON", "EgressRules"], swiftSettings: swift),
        .target(name: "SessionModel", dependencies: ["SandboxSpec", "StrictJSON", "RunModel"], swiftSettings: swift),
        .target(
            name: "WorkspaceModel", dependencies: ["SandboxSpec", "StrictJSON", "RunModel"], swiftSettings: swift),
        .target(
            name: "ConfigurationFiles", dependencies: ["SandboxSpec", .product(name: "Yams", package: "Yams")],
            swiftSettings: swift),
        .target(
            name: "Policies",
            dependencies: ["SandboxSpec", "EgressRules", "RunModel", "Digests", "ConfigurationFiles"],
            swiftSettings: swift),
        .target(
            name: "Images", dependencies: ["SandboxSpec", "ConfigurationFiles", "Digests"], swiftSettings: swift),
        .target(
            name: "CallTrace", dependencies: ["SandboxSpec", "CLinux", "LinuxSystem", "EgressRules"],
            swiftSettings: swift),
        .target(
            name: "Examples",
            dependencies: ["StrictJSON", "SandboxSpec", "EgressRules", "RunModel", "ConfigurationFiles"],
            swiftSettings: swift),
        .target(name: "Tenants", dependencies: ["ConfigurationFiles", "FairQueue"], swiftSettings: swift),
        .target(name: "Reactor", dependencies: ["LinuxSystem"], swiftSettings: swift),
        .target(
            name: "Egress", dependencies: ["LinuxSystem", "EgressRules", "RunModel", "Reactor"], swiftSettings: swift),
        .target(
            name: "WardenClient", dependencies: ["SandboxSpec", "WardenProtocol", "LinuxSystem", "Reactor"],
            swiftSettings: swift),
        .target(name: "AuditLog", dependencies: ["LinuxSystem", "StrictJSON", "Digests"], swiftSettings: swift),
        .target(name: "FairQueue", swiftSettings: swift),
        .target(name: "SandboxPool", dependencies: ["SandboxSpec", "RunModel"], swiftSettings: swift),
        .target(
            name: "SandboxSupply",
            dependencies: [
                "SandboxSpec", "WardenProtocol", "LinuxSystem", "RunModel", "Images", "SandboxPool", "WardenClient",
            ], swiftSettings: swift),
        .target(
            name: "RunPlanning",
            dependencies: [
                "SandboxSpec", "EgressRules", "Tenants", "RunModel", "ConfigurationFiles", "Policies", "Images",
                "SandboxPool",
            ], swiftSettings: swift),
        .target(
            name: "RuleGenerations",
            dependencies: [
                "SandboxSpec", "WardenProtocol", "LinuxSystem", "Digests", "Tenants", "RunModel", "ConfigurationFiles",
                "Policies", "Images", "WardenClient", "SandboxPool", "SandboxSupply", "RunPlanning",
            ], swiftSettings: swift),
        .target(
            name: "RunExecution",
            dependencies: [
                "Egress", "EgressRules", "SandboxSpec", "WardenProtocol", "LinuxSystem", "RunModel", "Images",
                "Reactor", "WardenClient",
                "SandboxSupply", "RunPlanning",
            ], swiftSettings: swift),
        .target(
            name: "RunService",
            dependencies: [
                "SandboxSpec", "LinuxSystem", "Tenants", "RunModel", "ConfigurationFiles", "Policies", "Images",
                "SandboxSupply",
                "RunPlanning", "FairQueue",
                "RunExecution", "TraceContexts",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: swift),
        .target(
            name: "SessionExecution",
            dependencies: [
                "StrictJSON", "Egress", "EgressRules", "SandboxSpec", "WardenProtocol", "LinuxSystem", "Reactor",
                "RunModel", "SessionModel",
                "SandboxPool", "WardenClient", "SandboxSupply", "RunExecution",
            ], swiftSettings: swift),
        .target(
            name: "SessionService",
            dependencies: [
                "Digests", "Egress", "EgressRules", "SandboxSpec", "WardenProtocol", "LinuxSystem", "Reactor",
                "Tenants", "RunModel",
                "SessionModel", "SandboxSupply", "RunPlanning",
                "RunService", "SessionExecution", "TraceContexts",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: swift),
    ]

    targets.append(
        .target(
            name: "WorkspaceService",
            dependencies: [
                "Digests", "Egress", "EgressRules", "SandboxSpec", "WardenProtocol", "LinuxSystem", "Reactor",
                "Tenants", "RunModel", "WorkspaceModel", "WardenClient", "SandboxSupply", "RunPlanning",
                "RunExecution", "RunService", "SessionExecution",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: swift))

    // MARK: - Network: what the world talks to

    targets += [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "ServiceMetrics", swiftSettings: swift),
        .target(
            name: "TraceExport",
            dependencies: [
                "LinuxSystem", "TraceContexts",
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: swift),
        .target(name: "AccessKeys", dependencies: ["Digests"], swiftSettings: swift),
        .target(
            name: "ServerSettings",
            dependencies: [
                "EgressRules", "SandboxSpec", "ConfigurationFiles",
                .product(name: "Configuration", package: "swift-configuration"),
            ], swiftSettings: swift),
        .target(
            name: "JSONLogging", dependencies: [.product(name: "Logging", package: "swift-log")], swiftSettings: swift),
        .target(
            name: "WebSockets",
            dependencies: [
                "CZlib", "Digests",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: swift),
        .target(
            name: "NestboxClient",
            dependencies: [
                "StrictJSON", "SandboxSpec", "EgressRules", "RunModel", "WebSockets",
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: swift),
        .target(
            name: "ServerTransport",
            dependencies: http + [
                "WebSockets",
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ], swiftSettings: swift),
        .target(
            name: "HTTPInterface",
            dependencies: http + [
                "LinuxSystem", "TraceContexts", "AccessKeys", "ServiceMetrics", "WebSockets", "ServerTransport",
                "CZlib",
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: swift),
        .target(
            name: "APIFormat",
            dependencies: http + [
                "StrictJSON", "LinuxSystem", "RunModel", "ServiceMetrics", "ServerTransport", "HTTPInterface",
            ], swiftSettings: swift),
    ]

    // MARK: - APIs: what clients see, each a list of routes

    targets += [
        .target(
            name: "RunAPI",
            dependencies: http + [
                "StrictJSON", "SandboxSpec", "LinuxSystem", "EgressRules", "Tenants", "RunModel", "ConfigurationFiles",
                "Policies", "Images", "SandboxPool",
                "SandboxSupply", "RunPlanning", "RunExecution", "RunService", "ServiceMetrics", "WebSockets",
                "ServerTransport", "HTTPInterface", "APIFormat",
            ], exclude: ["Web"], swiftSettings: swift),
        .target(
            name: "SessionAPI",
            dependencies: http + [
                "StrictJSON", "SandboxSpec", "LinuxSystem", "RunModel", "SessionModel", "ConfigurationFiles",
                "RunService",
                "SessionExecution", "SessionService", "ServiceMetrics", "WebSockets", "ServerTransport",
                "HTTPInterface", "APIFormat",
            ], swiftSettings: swift),
        .target(
            name: "WorkspaceAPI",
            dependencies: http + [
                "StrictJSON", "SandboxSpec", "LinuxSystem", "RunModel", "WorkspaceModel", "ConfigurationFiles",
                "Examples", "RunService", "SessionExecution", "WorkspaceService", "ServiceMetrics", "WebSockets",
                "ServerTransport", "HTTPInterface", "APIFormat",
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: swift),
        .target(
            name: "PlaygroundAPI",
            dependencies: http + [
                "StrictJSON", "SandboxSpec", "LinuxSystem", "Digests", "RunModel", "ConfigurationFiles", "Policies",
                "Images", "Examples", "RunPlanning", "RunService", "ServiceMetrics", "ServerTransport", "HTTPInterface",
                "APIFormat",
            ], swiftSettings: swift),
        .target(
            name: "OperationsAPI",
            dependencies: http + [
                "StrictJSON", "AuditLog", "FairQueue", "SandboxSpec", "LinuxSystem", "Tenants", "RunModel",
                "SessionModel",
                "Images",
                "SandboxSupply", "RunPlanning", "RunExecution", "RunService", "SessionExecution", "SessionService",
                "ServiceMetrics", "ServerTransport", "HTTPInterface", "APIFormat",
            ], swiftSettings: swift),
        .target(
            name: "JupyterAPI",
            dependencies: http + [
                "StrictJSON", "SandboxSpec", "LinuxSystem", "RunModel", "SessionModel", "Policies", "Images",
                "RunPlanning",
                "RunExecution", "RunService", "SessionExecution", "SessionService", "ServiceMetrics", "WebSockets",
                "ServerTransport",
                "HTTPInterface", "APIFormat",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: swift),
        .target(
            name: "AdminAPI",
            dependencies: http + [
                "AuditLog", "RunModel", "RuleGenerations", "ServiceMetrics", "ServerTransport", "HTTPInterface",
                "APIFormat",
            ], swiftSettings: swift),
    ]

    // MARK: - Composition roots: the service, the command line

    targets += [
        .target(
            name: "Daemon",
            dependencies: http + [
                "AuditLog", "FairQueue", "TraceContexts", "TraceExport",
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                "Egress", "SandboxSpec", "LinuxSystem", "Tenants", "RunModel", "ConfigurationFiles", "Policies",
                "Images",
                "Reactor",
                "WardenClient", "SandboxPool",
                "SandboxSupply", "RunPlanning", "RunExecution", "RunService", "SessionModel",
                "SessionExecution", "SessionService", "ServiceMetrics", "AccessKeys",
                "JSONLogging", "ServerSettings", "WebSockets", "ServerTransport", "HTTPInterface", "RunAPI",
                "SessionAPI", "JupyterAPI", "RuleGenerations", "AdminAPI", "OperationsAPI", "Examples", "PlaygroundAPI",
                "WorkspaceModel", "WorkspaceService", "WorkspaceAPI",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .executableTarget(name: "nestboxd", dependencies: ["Daemon"], swiftSettings: swift),
    ]
    products += [
        .executable(name: "nestboxd", targets: ["nestboxd"]),
        .library(name: "NestboxClient", targets: ["NestboxClient"]),
    ]

    targets += [
        .executableTarget(
            name: "nestbox",
            dependencies: [
                "Egress", "SandboxSpec", "LinuxSystem", "CgroupDiscovery", "EgressRules", "Tenants", "RunModel",
                "ConfigurationFiles",
                "Policies", "Images", "Examples", "StrictJSON", "CallTrace", "WardenClient",
                "SandboxSupply", "RunPlanning", "RuleGenerations", "RunExecution", "AccessKeys", "AuditLog",
                "ServerSettings",
                "NestboxClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift)
    ]
    products.append(.executable(name: "nestbox", targets: ["nestbox"]))
}

// MARK: - Tests

if !privilegedOnly {
    func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
        .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: swift)
    }
    targets += [
        // What tests of several targets share. Nothing under Sources may depend on it.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swift),
        tests("SandboxSpecTests", ["SandboxSpec"]),
        tests("WardenProtocolTests", ["SandboxSpec", "WardenProtocol"]),
        tests("CSandboxTests", ["CSandbox"]),
        tests("LinuxSystemTests", ["LinuxSystem"]),
        tests("CgroupsTests", ["SandboxSpec", "LinuxSystem", "CgroupDiscovery", "Cgroups"]),
        tests("ConfinementTests", ["SandboxSpec", "Confinement", "LinuxSystem", "ConfigurationFiles", "Policies"]),
        tests("ResourceMonitorTests", ["SandboxSpec", "ResourceMonitor"]),
        tests(
            "WardenTests",
            [
                "SandboxSpec", "Warden", "WardenProtocol", "ResourceMonitor", "Cgroups", "LinuxSystem", "CSandbox",
                "nestbox-init",
            ]),
        tests("SandboxPoolTests", ["SandboxPool"]),
        tests("StrictJSONTests", ["StrictJSON"]),
        tests("DigestsTests", ["Digests"]),
        tests(
            "TraceExportTests",
            [
                "TraceContexts", "TraceExport", "WebSockets",
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], exclude: ["decode.py"]),
        tests("AuditLogTests", ["AuditLog", "Digests"]),
        tests("FairQueueTests", ["FairQueue"]),
        tests("TenantsTests", ["ConfigurationFiles", "Tenants"]),
        tests("EgressRulesTests", ["EgressRules"]),
        tests("RunModelTests", ["SandboxSpec", "EgressRules", "RunModel", "StrictJSON"]),
        tests("SessionModelTests", ["SandboxSpec", "StrictJSON", "RunModel", "SessionModel"]),
        tests("WorkspaceModelTests", ["SandboxSpec", "RunModel", "WorkspaceModel"]),
        tests("ConfigurationFilesTests", ["SandboxSpec", "ConfigurationFiles"]),
        tests("PoliciesTests", ["SandboxSpec", "EgressRules", "RunModel", "ConfigurationFiles", "Policies"]),
        tests("ImagesTests", ["SandboxSpec", "ConfigurationFiles", "Images"]),
        tests(
            "CallTraceTests",
            ["SandboxSpec", "CallTrace", "Confinement", "ConfigurationFiles", "Policies", "LinuxSystem"]),
        tests("ExamplesTests", ["StrictJSON", "RunModel", "ConfigurationFiles", "Examples"]),
        tests("ReactorTests", ["LinuxSystem", "Reactor"]),
        tests("EgressTests", ["LinuxSystem", "EgressRules", "RunModel", "Reactor", "Egress"]),
        tests("WardenClientTests", ["SandboxSpec", "WardenProtocol", "Reactor", "WardenClient", "LinuxSystem"]),
        // Sandboxes and compilers that are scripts, for tests of everything above a sandbox.
        .target(
            name: "RunTestSupport",
            dependencies: [
                "StrictJSON", "SandboxSpec", "WardenProtocol", "LinuxSystem", "RunModel", "SessionModel",
                "WardenClient", "SandboxSupply", "RunPlanning", "RunExecution", "TestSupport",
            ], path: "Tests/RunTestSupport", swiftSettings: swift),
        tests(
            "SandboxSupplyTests",
            [
                "SandboxSpec", "WardenProtocol", "LinuxSystem", "RunModel", "WardenClient", "SandboxPool",
                "SandboxSupply", "RunTestSupport",
            ]),
        tests(
            "RunPlanningTests",
            [
                "SandboxSpec", "EgressRules", "RunModel", "ConfigurationFiles", "Policies", "Images", "SandboxPool",
                "RunPlanning",
            ]),
        tests(
            "RuleGenerationsTests",
            [
                "SandboxSpec", "WardenProtocol", "RunModel", "ConfigurationFiles", "Policies", "Images", "SandboxPool",
                "SandboxSupply", "RunPlanning", "RuleGenerations", "RunTestSupport",
            ]),
        tests(
            "RunExecutionTests",
            [
                "SandboxSpec", "WardenProtocol", "LinuxSystem", "RunModel", "Images", "Reactor", "WardenClient",
                "SandboxSupply", "RunPlanning", "RunExecution", "RunTestSupport",
            ]),
        tests(
            "RunServiceTests",
            [
                "SandboxSpec", "WardenProtocol", "LinuxSystem", "Tenants", "RunModel", "Images", "Reactor",
                "WardenClient",
                "SandboxSupply", "RunPlanning", "RunExecution", "RunService", "FairQueue", "RunTestSupport",
            ]),
        tests(
            "SessionExecutionTests",
            [
                "StrictJSON", "SandboxSpec", "WardenProtocol", "LinuxSystem", "Reactor", "RunModel", "SessionModel",
                "SandboxPool", "SandboxSupply", "SessionExecution", "RunTestSupport",
            ]),
        tests(
            "SessionServiceTests",
            [
                "SandboxSpec", "LinuxSystem", "Reactor", "Tenants", "RunModel", "SessionModel", "RunPlanning",
                "RunService",
                "SessionExecution", "SessionService", "RunTestSupport",
            ]),
        tests(
            "WorkspaceServiceTests",
            [
                "SandboxSpec", "WardenProtocol", "LinuxSystem", "Reactor", "RunModel", "WorkspaceModel",
                "WardenClient", "SandboxSupply", "RunPlanning", "RunService", "SessionExecution", "WorkspaceService",
            ]),
        tests("WebSocketsTests", ["WebSockets", .product(name: "NIOCore", package: "swift-nio")]),
        // With an echo server, which any client may try.
        tests(
            "ServerTransportTests",
            http + [
                "WebSockets", "ServerTransport",
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ], exclude: ["Autobahn/cases.py"]),
        tests(
            "HTTPInterfaceTests",
            http + [
                "AccessKeys", "ServiceMetrics", "ServerTransport", "HTTPInterface",
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        // With a second API beside the first one.
        tests(
            "RunAPITests",
            http + [
                "AccessKeys", "SandboxSpec", "Tenants", "RunModel", "Images", "SandboxSupply", "RunPlanning",
                "RunExecution",
                "FairQueue", "RunService", "ServiceMetrics", "StrictJSON", "WebSockets", "ServerTransport",
                "HTTPInterface",
                "APIFormat",
                "RunAPI", "Reactor", "SessionModel", "SessionService", "SessionAPI", "JupyterAPI", "RuleGenerations",
                "WorkspaceModel", "WorkspaceService", "WorkspaceAPI",
                "Examples", "PlaygroundAPI",
                "AdminAPI", "OperationsAPI",
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests(
            "JupyterAPITests",
            ["SandboxSpec", "StrictJSON", "RunModel", "SessionModel", "JupyterAPI"]),
        tests(
            "SessionAPITests",
            ["SandboxSpec", "StrictJSON", "RunModel", "SessionModel", "SessionService", "SessionAPI"]),
        tests(
            "DaemonTests",
            [
                "Daemon",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests("ServiceMetricsTests", ["ServiceMetrics"]),
        tests("AccessKeysTests", ["AccessKeys"]),
        tests("ServerSettingsTests", ["ServerSettings"]),
        tests("JSONLoggingTests", ["JSONLogging", .product(name: "Logging", package: "swift-log")]),
        tests("ArchitectureTests", []),
        // Real sandboxes and the built executables, as a user meets them.
        tests(
            "ContainmentTests",
            [
                "Egress", "RunModel", "EgressRules", "SandboxSpec", "WardenProtocol", "WardenClient",
                "ConfigurationFiles",
                "Policies", "LinuxSystem",
                "Confinement",
                "nestbox-warden", "nestbox-init",
            ], exclude: ["Probes", "Golden", "Differential"]),
        // The whole on a pure cgroup v2 kernel, in a virtual machine.
        tests("GuestTests", ["nestbox", "nestbox-warden", "nestbox-init"], exclude: ["Guest"]),
        // The service as its clients meet it, over loopback.
        tests(
            "ServiceTests", ["NestboxClient", "nestbox", "nestboxd", "nestbox-warden", "nestbox-init"],
            exclude: ["Metrics", "Traces", "Activation"]),
        // Programs of every language in real sandboxes, and what compilers do with what they should not get.
        tests(
            "LanguageTests",
            [
                "SandboxSpec", "RunModel", "ConfigurationFiles", "Policies", "Images", "Examples", "WardenClient",
                "SandboxSupply", "RunPlanning",
                "WardenProtocol", "LinuxSystem", "SessionModel", "RunExecution", "ServerSettings", "nestbox",
                "nestbox-warden",
                "nestbox-init",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], exclude: ["core", "README.md", "Programs", "Compilers", "BadInput", "Differential", "Projects"]),
        // Live sessions in real sandboxes, without the doors of the service.
        tests(
            "SessionTests",
            [
                "LinuxSystem", "Reactor", "RunModel", "SessionModel", "Images", "WardenClient", "SandboxSupply",
                "SandboxSpec", "RunPlanning", "RunService", "SessionExecution", "SessionService", "nestbox-warden",
                "nestbox-init",
            ]),
        tests(
            "CommandTests",
            [
                "RunModel", "SandboxSpec", "LinuxSystem", "RunExecution", "nestbox", "nestbox-warden", "nestbox-init",
            ]),
    ]
}

let package = Package(name: "nestbox", products: products, dependencies: dependencies, targets: targets)
