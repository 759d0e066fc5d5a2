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

// MARK: - Words: values both halves agree on

var targets: [Target] = [
    .target(name: "SandboxSpec", swiftSettings: privileged),
    .target(name: "WardenProtocol", dependencies: ["SandboxSpec"], swiftSettings: privileged),
]

// MARK: - Privileged: libc, libseccomp, libcap and the Swift runtime, nothing else

targets += [
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CCapability", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .target(name: "CSandbox", cSettings: c),
    .target(name: "LinuxSystem", dependencies: ["CSandbox"], swiftSettings: privileged),
    .target(name: "Cgroups", dependencies: ["SandboxSpec", "LinuxSystem"], swiftSettings: privileged),
    .target(
        name: "Confinement", dependencies: ["SandboxSpec", "CSeccomp", "CCapability", "CSandbox", "LinuxSystem"],
        swiftSettings: privileged),
    .target(name: "ResourceMonitor", dependencies: ["SandboxSpec"], swiftSettings: privileged),
    .target(
        name: "Warden",
        dependencies: [
            "SandboxSpec", "WardenProtocol", "CSandbox", "LinuxSystem", "Cgroups", "Confinement", "ResourceMonitor",
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
]

if !privilegedOnly {
    dependencies += [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ]

    // MARK: - Orchestration: no privilege; libraries welcome

    targets += [
        .target(name: "RunModel", dependencies: ["SandboxSpec"], swiftSettings: swift),
        .target(
            name: "Policies", dependencies: ["SandboxSpec", .product(name: "Yams", package: "Yams")],
            swiftSettings: swift),
        .target(
            name: "Images",
            dependencies: ["SandboxSpec", "Policies", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swift),
        .target(
            name: "WardenClient", dependencies: ["SandboxSpec", "WardenProtocol", "LinuxSystem"], swiftSettings: swift),
        .target(
            name: "Orchestrator",
            dependencies: [
                "SandboxSpec", "RunModel", "Policies", "Images", "WardenProtocol", "WardenClient", "LinuxSystem",
            ],
            swiftSettings: swift),
    ]

    // MARK: - Network and command line: composition roots

    targets += [
        .executableTarget(
            name: "nestbox",
            dependencies: [
                "SandboxSpec", "LinuxSystem", "Cgroups", "RunModel", "Policies", "Images", "WardenClient",
                "Orchestrator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift)
    ]
    products.append(.executable(name: "nestbox", targets: ["nestbox"]))
}

// MARK: - Tests

if !privilegedOnly {
    func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
        .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swift)
    }
    targets += [
        tests("SandboxSpecTests", ["SandboxSpec"]),
        tests("WardenProtocolTests", ["SandboxSpec", "WardenProtocol"]),
        tests("CSandboxTests", ["CSandbox"]),
        tests("LinuxSystemTests", ["LinuxSystem"]),
        tests("CgroupsTests", ["SandboxSpec", "LinuxSystem", "Cgroups"]),
        tests("ConfinementTests", ["SandboxSpec", "Confinement", "LinuxSystem", "Policies"]),
        tests("ResourceMonitorTests", ["SandboxSpec", "ResourceMonitor"]),
        tests("WardenTests", ["SandboxSpec", "Warden", "LinuxSystem"]),
        tests("RunModelTests", ["SandboxSpec", "RunModel"]),
        tests("PoliciesTests", ["SandboxSpec", "Policies"]),
        tests("ImagesTests", ["SandboxSpec", "Policies", "Images"]),
        tests("WardenClientTests", ["SandboxSpec", "WardenProtocol", "WardenClient", "LinuxSystem"]),
        tests(
            "OrchestratorTests",
            [
                "SandboxSpec", "RunModel", "Policies", "Images", "WardenProtocol", "WardenClient", "Orchestrator",
                "LinuxSystem",
            ]),
        tests("ArchitectureTests", []),
        // Real sandboxes and the built executables, as a user meets them.
        tests(
            "ContainmentTests",
            [
                "SandboxSpec", "WardenProtocol", "WardenClient", "Policies", "LinuxSystem", "Confinement",
                "nestbox-warden", "nestbox-init",
            ], exclude: ["Probes", "Golden"]),
        // The whole on a pure cgroup v2 kernel, in a virtual machine.
        tests("GuestTests", ["nestbox", "nestbox-warden", "nestbox-init"], exclude: ["Guest"]),
        tests("CommandTests", ["RunModel", "SandboxSpec", "nestbox", "nestbox-warden", "nestbox-init"]),
    ]
}

let package = Package(name: "nestbox", products: products, dependencies: dependencies, targets: targets)
