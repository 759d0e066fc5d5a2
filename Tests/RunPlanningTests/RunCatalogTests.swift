import Foundation
import Images
import Policies
import RunModel
import RunPlanning
import SandboxPool
import SandboxSpec
import TestSupport
import Testing

@Suite("Catalog")
struct RunCatalogTests {
    @Test("a reload that fails in either directory changes nothing in both, one that works changes everything")
    func reload() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path
        func image(alias: String) -> String {
            "version: 1\nname: toy\naliases: [\(alias)]\nroot: {host: true}\nfile: main\nrun: [sh, main]\n"
                + "check: {code: x, stdout: y}\n"
        }
        try directory.write(SmallPolicy.yaml("toy", cpu: "5s"), to: "policies/toy.yaml")
        try directory.write(image(alias: "one"), to: "images/toy/image.yaml")
        let catalog = try RunCatalog(
            images: path + "/images", policies: path + "/policies", store: ImageStore(state: path + "/state"))
        func cpu() throws -> Int64? { try catalog.planner.settings(language: "toy").limits[.cpu] }
        func planned() throws -> Int64? {
            try catalog.planner.check(RunRequest(language: "toy", code: [])).run.steps.first?.limits[.cpu]
        }
        #expect(try cpu() == 5_000_000_000)
        #expect(try planned() == 5_000_000_000)

        try directory.write(image(alias: "two"), to: "images/toy/image.yaml")
        try directory.write(SmallPolicy.yaml("toy", cpu: "5"), to: "policies/toy.yaml")
        #expect(throws: APIError.self) { try catalog.reload() }
        #expect(try cpu() == 5_000_000_000)
        #expect(throws: APIError.self) { try catalog.planner.settings(language: "two") }

        try directory.write(SmallPolicy.yaml("toy", cpu: "6s"), to: "policies/toy.yaml")
        try catalog.reload()
        #expect(try cpu() == 6_000_000_000)
        #expect(try planned() == 6_000_000_000)
        #expect(try catalog.planner.settings(language: "two").image.name == "toy")
    }

    @Test("what has errors is out of use, the rest is not; a reload takes nothing away and brings what is mended")
    func errors() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path
        func image(_ name: String, _ more: String = "") -> String {
            "version: 1\nname: \(name)\nroot: {host: true}\nfile: main\nrun: [sh, main]\ncheck: {code: x, stdout: y}\n\(more)"
        }
        try directory.write(SmallPolicy.yaml("default", isDefault: true), to: "policies/default.yaml")
        try directory.write("version: 1\nname: tea\nextends: default\nimage: tea\n", to: "policies/tea.yaml")
        try directory.write(
            "version: 1\nname: pot\nextends: default\nimage: pot\nlimits: {cpuu: 1s}\n", to: "own/pot.yaml")
        try directory.write(image("toy"), to: "images/toy/image.yaml")
        try directory.write(image("tea"), to: "images/tea/image.yaml")
        try directory.write(image("pot"), to: "images/pot/image.yaml")
        try directory.write(image("bad", "envv: {}\n"), to: "images/bad/image.yaml")
        let catalog = try RunCatalog(
            images: [path + "/images"], policies: [path + "/policies", path + "/own"],
            store: ImageStore(state: path + "/state"))
        func policy(_ language: String) throws -> String {
            try catalog.planner.settings(language: language).policy.name
        }
        func code(_ language: String) throws -> APIError.Code? {
            do { _ = try policy(language) } catch let error as APIError { return error.code }
            return nil
        }
        // Nobody made a policy for it.
        #expect(try policy("toy") == "default")
        #expect(try policy("tea") == "tea")
        #expect(Set(catalog.pools.map(\.policy)).isSubset(of: ["default", "tea"]))
        // Its own is out of use, and what it forbids is not known: the default is no substitute.
        #expect(try code("pot") == .invalidPolicy)
        #expect(try code("bad") == .invalidImage)
        #expect(try code("none") == .unknownLanguage)
        #expect(catalog.content.errors.count == 2)
        do {
            _ = try policy("none")
        } catch let error as APIError {
            #expect(error.details["known"] == "pot, tea, toy" && error.message.contains("\"none\""))
        }

        // One that works now would be lost.
        try directory.write(image("tea", "runn: x\n"), to: "images/tea/image.yaml")
        try directory.write(image("bad"), to: "images/bad/image.yaml")
        let error = try #require(throws: APIError.self) { try catalog.reload() }
        #expect(error.message.contains("images/tea/image.yaml:") && error.message.contains("runn"))
        #expect(try policy("tea") == "tea" && code("bad") == .invalidImage)

        // What was broken before may stay so.
        try directory.write(image("tea"), to: "images/tea/image.yaml")
        try catalog.reload()
        #expect(try policy("bad") == "default" && code("pot") == .invalidPolicy)
        #expect(catalog.unreadable.isEmpty)
    }
}
