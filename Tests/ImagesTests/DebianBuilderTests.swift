import Foundation
import TestSupport
import Testing

@testable import Images

@Suite struct DebianBuilderTests {
    private let root = DebianRoot(suite: "bookworm", packages: ["zlib1g", "bash=5.2-1"])

    @Test func buildsTheCommandLine() {
        let arguments = DebianBuilder(root: root).arguments(
            target: "/t", mirrors: ["deb http://m/ bookworm main"], options: ["Acquire::Retries \"3\""],
            hasHook: true, isCached: false)
        #expect(arguments.prefix(3) == ["--mode=root", "--format=directory", "--variant=essential"])
        #expect(arguments.contains("--include=bash=5.2-1,tzdata,zlib1g"))
        #expect(arguments.contains("--aptopt=Acquire::Retries \"3\""))
        #expect(arguments.contains("--dpkgopt=path-exclude=/usr/share/man/*/*"))
        #expect(arguments.contains("--hook-dir=\(DebianBuilder.mergedUsrHook)"))
        #expect(!arguments.contains { $0.hasPrefix("--skip") })
        #expect(arguments.suffix(4) == ["--", "bookworm", "/t", "deb http://m/ bookworm main"])
    }

    @Test func cacheAndHookAreOptional() {
        let arguments = DebianBuilder(root: DebianRoot(suite: "sid", packages: [])).arguments(
            target: "/t", mirrors: [], options: [], hasHook: false, isCached: true)
        #expect(arguments.contains("--skip=check/empty,essential/unlink,cleanup/apt/lists,cleanup/apt/cache"))
        #expect(!arguments.contains { $0.hasPrefix("--hook-dir") })
        // Time zones are in every root.
        #expect(arguments.contains("--include=tzdata"))
        #expect(arguments.suffix(3) == ["--", "sid", "/t"])
    }

    @Test func digestDependsOnTheDescriptionAlone() throws {
        let store = ImageStore(state: "/a")
        let other = ImageStore(state: "/b")
        func digest(_ root: DebianRoot) throws -> ContentDigest { try store.digest(of: .debian(root)) }
        let same = DebianRoot(suite: "bookworm", packages: ["bash=5.2-1", "zlib1g", "zlib1g"])
        #expect(try digest(root) == digest(same))
        #expect(try digest(root) == other.digest(of: .debian(same)))
        #expect(try digest(root) != digest(DebianRoot(suite: "trixie", packages: root.packages)))
        #expect(try digest(root) != digest(DebianRoot(suite: "bookworm", packages: ["bash"])))
        #expect(try digest(root) != digest(DebianRoot(suite: "bookworm", packages: root.packages, variant: .apt)))
    }

    @Test func timeZonesOfAVersionAreNotAskedForTwice() {
        #expect(
            DebianRoot(suite: "bookworm", packages: ["tzdata=2024a-1", "bash"]).installed == ["bash", "tzdata=2024a-1"])
    }

    @Test func takesTheMachinesMirrors() throws {
        let apt = try TemporaryDirectory()
        try apt.write(
            """
            # comment
            deb-src http://one/ bookworm main
            deb [signed-by=/k.gpg trusted=yes] http://one/ bookworm main contrib # why
            deb http://other/ bullseye main
            deb http://docker/ bookworm stable
            """, to: "sources.list")
        try apt.write(
            """
            Types: deb deb-src
            URIs: http://two/ http://three/
            Suites: bookworm bookworm-updates bookworm-backports
            Components: main
            # a comment
            Signed-By: /usr/share/keyrings/x.gpg

            Types: deb
            URIs: http://four/
            Suites: bookworm-security
            Components: main
            Enabled: no

            Types: deb
            URIs: http://five/
            Suites: bookworm
            Components: main
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             abc
            """, to: "sources.list.d/debian.sources")
        let sources = AptSources(directory: apt.path)
        #expect(
            try sources.sources(for: "bookworm").map(\.line) == [
                "deb [signed-by=/k.gpg trusted=yes] http://one/ bookworm main contrib",
                "deb [signed-by=/usr/share/keyrings/x.gpg] http://two/ bookworm main",
                "deb [signed-by=/usr/share/keyrings/x.gpg] http://two/ bookworm-updates main",
                "deb [signed-by=/usr/share/keyrings/x.gpg] http://three/ bookworm main",
                "deb [signed-by=/usr/share/keyrings/x.gpg] http://three/ bookworm-updates main",
            ])
        #expect(try sources.sources(for: "trixie") == [])
        #expect(try AptSources(directory: apt.path + "/none").sources(for: "bookworm") == [])
    }

    @Test func takesProxiesAndDateChecks() {
        let lines = [
            "Acquire \"\";", "Acquire::http \"\";", "Acquire::http::Proxy \"http://proxy:3128\";",
            "Acquire::https::Proxy::internal \"DIRECT\";", "Acquire::Check-Valid-Until \"false\";",
            "Acquire::Languages:: \"de\";", "APT::Install-Recommends \"true\";", "Acquire::http::Proxy \"a\"b\";",
            "DPkg::Post-Invoke:: \"rm -rf /\";",
        ]
        #expect(
            AptSettings.wanted(in: lines) == [
                "Acquire::http::Proxy \"http://proxy:3128\"", "Acquire::https::Proxy::internal \"DIRECT\"",
                "Acquire::Check-Valid-Until \"false\"",
            ])
    }

    @Test func readsInstalledPackages() {
        let text = """
            Package: zlib1g
            Status: install ok installed
            Version: 1:1.2
            Description: a
             Version: of something else

            Package: gone
            Status: deinstall ok config-files
            Version: 1

            Package: bash
            Status: install ok installed
            Version: 5.2
            """
        #expect(
            DpkgStatus.parse(text) == [
                PackageVersion(name: "bash", version: "5.2"), PackageVersion(name: "zlib1g", version: "1:1.2"),
            ])
    }
}
