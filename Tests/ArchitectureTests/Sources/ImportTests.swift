internal import Testing

@Suite("Imports")
struct ImportTests {
    @Test("Every import is declared, and the privileged half imports libc alone")
    func declared() async throws {
        let targets = try await PackageGraph.load().targets.filter { $0.kind == .regular || $0.kind == .executable }
        var complaints: [String] = []
        var seen = 0
        for target in targets {
            guard let zone = TargetTable.zone(of: target.name) else { continue }
            for file in Repository.files(below: "Sources/\(target.name)", extensions: ["swift"]) {
                let code = SwiftCode(try Repository.text(file))
                seen += ImportGuard.imports(in: code).count
                complaints += ImportGuard.undeclared(code, file: file, target: target, zone: zone)
            }
        }
        #expect(complaints == [])
        try #require(seen > 100, "the sources were not found")
    }

    @Test("Imports are found in every form they have")
    func forms() {
        let code = SwiftCode(
            """
            internal import Glibc
            @_implementationOnly import Foundation
            import struct Dispatch.DispatchTime
            // import Commented
            let text = "import Quoted"
            """)
        #expect(ImportGuard.imports(in: code).map(\.module) == ["Glibc", "Foundation", "Dispatch"])
        #expect(ImportGuard.imports(in: code).map(\.line) == [1, 2, 3])
    }

    @Test("An import that is not declared is noticed")
    func undeclared() {
        let code = SwiftCode("internal import Foundation\ninternal import Yams\ninternal import SandboxSpec\n")
        let warden = PackageTarget("Warden", targets: ["SandboxSpec"])
        #expect(
            ImportGuard.undeclared(code, file: "W.swift", target: warden, zone: .privileged) == [
                "W.swift:1: imports Foundation, which Warden may not or does not declare",
                "W.swift:2: imports Yams, which Warden may not or does not declare",
            ])
        let policies = PackageTarget("Policies", targets: ["SandboxSpec"], products: ["Yams"])
        #expect(ImportGuard.undeclared(code, file: "P.swift", target: policies, zone: .orchestration) == [])
    }
}
