import Foundation
import Testing

@testable import ServerSettings

@Suite("Directories of policies and images")
struct DirectoryTests {
    private func directories(
        _ fixture: SettingsFixture, _ options: [String: String] = [:], environment: [String: String] = [:]
    ) throws -> DirectorySettings {
        let environment = environment.merging(["NESTBOX_CONFIG": fixture.file]) { given, _ in given }
        return try DirectorySettings(options: options, environment: environment, paths: fixture.paths)
    }

    private func makeOverlay(_ fixture: SettingsFixture, _ name: String = "etc") throws {
        try FileManager.default.createDirectory(
            atPath: "\(fixture.path)/\(name)/policies", withIntermediateDirectories: true)
    }

    @Test("the overlay lies over what came along, not over a directory that is named, but when both are")
    func overlay() throws {
        let fixture = try SettingsFixture()
        let shipped = fixture.path + "/policies"
        #expect(try directories(fixture).policies == [shipped])
        try makeOverlay(fixture)
        #expect(try directories(fixture).policies == [shipped, fixture.path + "/etc/policies"])
        #expect(try directories(fixture).images == [fixture.path + "/images"])
        #expect(try fixture.settings().paths.policyDirectories == [shipped, fixture.path + "/etc/policies"])
        let other = fixture.path + "/other"
        #expect(try directories(fixture, ["policies": other]).policies == [other])
        #expect(try fixture.settings(["--policies", other]).paths.policyDirectories == [other])
        #expect(try directories(fixture, environment: ["NESTBOX_POLICIES": other]).policies == [other])
        try makeOverlay(fixture, "mine")
        let mine = fixture.path + "/mine"
        #expect(
            try directories(fixture, ["policies": other, "overlay": mine]).policies == [other, mine + "/policies"])
        #expect(
            try fixture.settings(["--policies", other, "--overlay", mine]).paths.policyDirectories == [
                other, mine + "/policies",
            ])
        #expect(
            try fixture.settings(environment: ["NESTBOX_OVERLAY": mine]).paths.policyDirectories == [
                shipped, mine + "/policies",
            ])
        #expect(try fixture.settings().paths.imageDirectories == [fixture.path + "/images"])
    }

    @Test("a command finds what the service finds: options over variables over the file over what came along")
    func precedence() throws {
        let fixture = try SettingsFixture()
        try fixture.write("state: /srv/state\nimages: \(fixture.path)/other\nmax_running_runs: nonsense\n")
        #expect(try directories(fixture).state == "/srv/state")
        #expect(try directories(fixture).images == [fixture.path + "/other"])
        #expect(try directories(fixture, environment: ["NESTBOX_STATE": "/srv/other"]).state == "/srv/other")
        #expect(
            try directories(fixture, ["state": "/srv/third"], environment: ["NESTBOX_STATE": "/x"]).state
                == "/srv/third")
        #expect(try directories(fixture, environment: ["NESTBOX_STATE": ""]).state == "/srv/state")
    }

    @Test(
        "a directory that is not there, an empty option, and a file that is no YAML are told; other settings are not looked at"
    )
    func diagnostics() throws {
        let fixture = try SettingsFixture()
        func lines(_ options: [String: String] = [:]) -> [String] {
            do {
                _ = try directories(fixture, options)
                return []
            } catch {
                return (error as? SettingsError)?.diagnostics ?? ["\(error)"]
            }
        }
        #expect(
            lines(["policies": "/nope"]) == [
                "policies (--policies): found \"/nope\", allowed a directory that is there"
            ])
        #expect(lines(["images": ""]) == ["--images is empty"])
        try fixture.write("lisen: x\n")
        #expect(lines().isEmpty)
        try fixture.write("a:\n\tb: 1\n")
        #expect(lines().first?.hasPrefix("\(fixture.file):2: found a tab in column 1") == true)
        #expect(
            try fixture.diagnostics(["x", "--listen", "127.0.0.1:1"], yaml: "{}\n")
                == ["unexpected argument \"x\", allowed are settings: --SETTING VALUE"])
        #expect(
            try fixture.diagnostics(["--overlay", "/nope"]).first?.contains("overlay (--overlay): found \"/nope\"")
                == true
        )
    }
}
