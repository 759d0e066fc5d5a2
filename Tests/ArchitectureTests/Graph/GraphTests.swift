internal import Foundation
internal import Testing

@Suite("The target graph")
struct GraphTests {
    private static func isSwift(_ name: String) -> Bool {
        ["Sources", "Tests"].contains { !Repository.files(below: "\($0)/\(name)", extensions: ["swift"]).isEmpty }
    }

    @Test("The package keeps to the table of targets")
    func package() async throws {
        let targets = try await PackageGraph.load().targets
        // A dump that was misread would have nothing to complain about.
        try #require(targets.contains { $0.name == "Warden" && $0.targets.contains("Cgroups") })
        try #require(targets.contains { $0.name == "ConfigurationFiles" && $0.products.contains("Yams") })
        #expect(GraphGuard.misplaced(targets) == [])
        #expect(GraphGuard.privilegedWithProducts(targets) == [])
        #expect(GraphGuard.strayImporters(targets) == [])
        #expect(GraphGuard.circles(targets) == [])
        #expect(GraphGuard.lenient(targets, isSwift: Self.isSwift) == [])
    }

    @Test("The command line brings nothing of the server along")
    func commandLine() async throws {
        let targets = try await PackageGraph.load().targets
        let forbidden = TargetTable.serverOnly
        #expect(GraphGuard.reached(from: "nestbox", of: forbidden, in: targets) == [])
        // The service itself is made of it: the guard sees what is there.
        #expect(!GraphGuard.reached(from: "nestboxd", of: forbidden, in: targets).isEmpty)
    }

    // MARK: - The guards can fail

    @Test("What is reached through others is noticed, circles included")
    func reached() {
        let targets = [
            PackageTarget("cli", targets: ["client"]), PackageTarget("client", targets: ["Server", "cli"]),
            PackageTarget("Server", products: ["TLS"]),
        ]
        #expect(
            GraphGuard.reached(from: "cli", of: ["Server", "TLS"], in: targets) == [
                "cli reaches Server through client", "cli reaches TLS through Server",
            ])
        #expect(GraphGuard.reached(from: "cli", of: ["Daemon"], in: targets) == [])
    }

    @Test("A dependency on a lower row is noticed")
    func lowerRow() {
        let targets = [
            PackageTarget("SandboxSpec"), PackageTarget("LinuxSystem", targets: ["Cgroups"]), PackageTarget("Cgroups"),
        ]
        #expect(
            GraphGuard.misplaced(targets) == ["LinuxSystem depends on Cgroups, which is not above it in the table"])
    }

    @Test("A target without a row is noticed")
    func unknownTarget() {
        #expect(
            GraphGuard.misplaced([PackageTarget("Helpers")]) == ["Helpers is in no row of the table of targets"])
        #expect(GraphGuard.misplaced([PackageTarget("Warden", targets: ["Helpers"])]).count == 1)
        #expect(GraphGuard.misplaced([PackageTarget("HelpersTests", kind: .test)]) == [])
        #expect(GraphGuard.misplaced([PackageTarget("HelpersTestSupport")]) == [])
        #expect(GraphGuard.misplaced([PackageTarget("Warden", targets: ["HelpersTestSupport"])]).count == 1)
    }

    @Test("What tests share is for tests alone, and stands on nothing of the package")
    func testSupport() {
        #expect(GraphGuard.misplaced([PackageTarget("TestSupport")]) == [])
        #expect(GraphGuard.misplaced([PackageTarget("WardenTests", kind: .test, targets: ["TestSupport"])]) == [])
        #expect(
            GraphGuard.misplaced([PackageTarget("TestSupport", targets: ["SandboxSpec"], products: ["Yams"])]) == [
                "TestSupport depends on SandboxSpec", "TestSupport depends on Yams",
            ])
        #expect(GraphGuard.misplaced([PackageTarget("Warden", targets: ["TestSupport"])]).count == 1)
    }

    @Test("The unprivileged half uses the base and nothing of the privileged zone")
    func acrossZones() {
        #expect(GraphGuard.misplaced([PackageTarget("RunExecution", targets: ["LinuxSystem"])]) == [])
        #expect(GraphGuard.misplaced([PackageTarget("RunExecution", targets: ["Confinement"])]).count == 1)
        #expect(GraphGuard.misplaced([PackageTarget("nestbox", targets: ["CgroupDiscovery"])]) == [])
        #expect(GraphGuard.misplaced([PackageTarget("nestbox", targets: ["Cgroups"])]).count == 1)
        // Neither directly nor by way of the base: the network process has no code between clone and exec.
        #expect(GraphGuard.misplaced([PackageTarget("Daemon", targets: ["CSandbox"])]).count == 1)
        #expect(GraphGuard.misplaced([PackageTarget("LinuxSystem", targets: ["CSandbox"])]).count == 1)
        #expect(GraphGuard.misplaced([PackageTarget("RunExecution", targets: ["Cgroups"])]).count == 1)
    }

    @Test("An API that depends on another one is noticed")
    func betweenAPIs() {
        let other = TargetTable.rows.filter { $0.zone == .apis }.map(\.name)
        #expect(other.contains("RunAPI"))
        #expect(GraphGuard.misplaced([PackageTarget("RunAPI", targets: ["HTTPInterface", "RunService"])]) == [])
        #expect(
            GraphGuard.dependenciesOfAPIs(PackageTarget("A", targets: ["B", "C"]), zone: .apis) {
                $0 == "B" ? .apis : .network
            }
                == ["A is an API and depends on another one, B"])
        #expect(
            GraphGuard.dependenciesOfAPIs(PackageTarget("A", targets: ["B"]), zone: .composition) { _ in .apis } == [])
    }

    @Test("A package behind a privileged target is noticed")
    func privilegedProduct() {
        #expect(
            GraphGuard.privilegedWithProducts([PackageTarget("SandboxSpec", products: ["Crypto"])]) == [
                "SandboxSpec is privileged and depends on Crypto"
            ])
        #expect(GraphGuard.privilegedWithProducts([PackageTarget("Images", products: ["Crypto"])]) == [])
    }

    @Test("A second importer of YAML is noticed")
    func secondImporter() {
        #expect(GraphGuard.strayImporters([PackageTarget("ConfigurationFiles", products: ["Yams"])]) == [])
        #expect(GraphGuard.strayImporters([PackageTarget("Images", products: ["Yams"])]).count == 1)
    }

    @Test("A circle is noticed, and two ways to the same target are none")
    func circle() {
        let circle = [
            PackageTarget("a", targets: ["b"]), PackageTarget("b", targets: ["c"]),
            PackageTarget("c", targets: ["a"]),
        ]
        #expect(GraphGuard.circles(circle) == ["a > b > c > a"])
        let diamond = [
            PackageTarget("a", targets: ["b", "c"]), PackageTarget("b", targets: ["d"]),
            PackageTarget("c", targets: ["d"]), PackageTarget("d"),
        ]
        #expect(GraphGuard.circles(diamond) == [])
    }

    @Test("Lenient settings are noticed")
    func lenientSettings() {
        let targets = [
            PackageTarget("Warden", settings: [.swift6, .warningsAsErrors]),
            PackageTarget("RunModel", settings: [.swift6]), PackageTarget("CSandbox"),
        ]
        #expect(
            GraphGuard.lenient(targets) { $0 != "CSandbox" } == [
                "Warden is compiled without strictMemorySafety", "RunModel is compiled without warningsAsErrors",
            ])
    }

    @Test("A dump is read as SwiftPM writes it")
    func dump() throws {
        let text = """
            {"name": "nestbox", "targets": [{"name": "Policies", "type": "regular", "dependencies":
            [{"byName": ["SandboxSpec", null]}, {"target": ["RunModel", {"platformNames": ["linux"]}]},
            {"product": ["Yams", "Yams", null, null]}], "settings": [
            {"kind": {"treatAllWarnings": {"_0": "error"}}, "tool": "swift"},
            {"kind": {"strictMemorySafety": {}}, "tool": "swift"},
            {"kind": {"unsafeFlags": {"_0": ["-O2"]}}, "tool": "c"}]}]}
            """
        let graph = try JSONDecoder().decode(PackageGraph.self, from: Data(text.utf8))
        let target = try #require(graph.targets.first)
        #expect(target.targets == ["SandboxSpec", "RunModel"])
        #expect(target.products == ["Yams"])
        #expect(target.settings == [.warningsAsErrors, .strictMemorySafety])
    }
}
