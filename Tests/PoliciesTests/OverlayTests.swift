import ConfigurationFiles
import Foundation
import SandboxSpec
import TestSupport
import Testing

@testable import Policies

@Suite("Policies over policies")
struct OverlayTests {
    private let shipped: TemporaryDirectory
    private let own: TemporaryDirectory

    init() throws {
        shipped = try TemporaryDirectory()
        own = try TemporaryDirectory()
        try shipped.write(Fixture.base, to: "base.yaml")
        try shipped.write(Fixture.group, to: "syscalls/small.yaml")
        try shipped.write("version: 1\nname: other\nextends: base\nimage: toy\n", to: "other.yaml")
    }

    private func usable() throws -> PolicySet {
        try PolicySet.usable(directories: [shipped.path, own.path])
    }

    @Test("a file replaces the one of its name, and may extend those below")
    func replaces() throws {
        try own.write("version: 1\nname: other\nextends: base\nlimits: {cpu: 1s}\n", to: "other.yaml")
        try own.write("version: 1\nname: more\nextends: other\n", to: "more.yaml")
        let set = try PolicySet.load(directories: [shipped.path, own.path])
        #expect(set.policies.keys.sorted() == ["base", "more", "other"])
        #expect(set.policies["more"]?.limits[.cpu] == 1_000_000_000)
        #expect(set.policies["other"]?.image == nil)
        #expect(set.replaced == [own.path + "/other.yaml": shipped.path + "/other.yaml"])
    }

    @Test("a group replaces the one of its name, for the policies below as well")
    func groups() throws {
        try own.write(Fixture.group.replacing("call: write", with: "call: pwrite64"), to: "syscalls/small.yaml")
        let set = try PolicySet.load(directories: [shipped.path, own.path])
        #expect(set.policies["other"]?.syscalls == ["exit_group", "pwrite64", "read"])
    }

    @Test("a directory that is not there is no overlay, a shipped one has to be")
    func absent() throws {
        #expect(try PolicySet.load(directories: [shipped.path, own.path + "/no"]).policies.count == 2)
        #expect(throws: ConfigurationError.self) { try PolicySet.load(directories: [own.path + "/no", shipped.path]) }
    }

    @Test("an error disables its policy and what extends it, never falls back to the replaced file, and nothing else")
    func broken() throws {
        try own.write("version: 1\nname: other\nextends: base\nlimits: {cpuu: 1s}\n", to: "other.yaml")
        try own.write("version: 1\nname: more\nextends: other\n", to: "more.yaml")
        try own.write("version: 1\nname: third\nextends: more\n", to: "third.yaml")
        let set = try usable()
        #expect(set.policies.keys.sorted() == ["base"])
        #expect(set.broken.keys.sorted() == ["more", "other", "third"])
        #expect(set.diagnostics?.diagnostics.count == 1)
        for name in ["more", "other", "third"] {
            let error = try #require(throws: UnknownPolicyError.self) { try set.policy(named: name) }
            #expect(error.description.contains("is disabled by errors in its file: "))
            #expect(error.description.contains("other.yaml:4: limits.cpuu: found an unknown key"), "\(error)")
            #expect(!error.description.contains(own.path), "\(error)")
        }
        #expect(throws: ConfigurationError.self) { try PolicySet.load(directories: [shipped.path, own.path]) }
    }

    @Test("an error in a parent's limits disables each child, although it is told once")
    func brokenParent() throws {
        try own.write(Fixture.base.replacing("ceiling: {cpu: 30s", with: "ceiling: {cpu: 1s"), to: "base.yaml")
        try own.write(
            "version: 1\nname: good\n" + Fixture.base.split(separator: "\n").dropFirst(2).joined(separator: "\n"),
            to: "good.yaml")
        let set = try usable()
        #expect(set.policies.keys.sorted() == ["good"])
        #expect(set.broken.keys.sorted() == ["base", "other"])
        #expect(set.diagnostics?.diagnostics.count == 1)
    }

    @Test("a broken group disables the policies that allow or deny it, and those of groups around it")
    func brokenGroup() throws {
        try own.write(
            "version: 1\nname: bad\ndescription: x\nentries: [{call: opnat, why: x}]\n", to: "syscalls/bad.yaml")
        try own.write(
            "version: 1\nname: outer\ndescription: x\nentries: [{group: \"@bad\", why: x}]\n", to: "syscalls/outer.yaml"
        )
        for (name, list) in [
            ("one", "allow: [\"@bad\"]"), ("two", "deny: [\"@bad\"]"), ("three", "allow: [\"@outer\"]"),
        ] {
            try own.write("version: 1\nname: \(name)\nextends: base\nsyscalls: {\(list)}\n", to: "\(name).yaml")
        }
        let set = try usable()
        #expect(set.policies.keys.sorted() == ["base", "other"])
        #expect(set.broken.keys.sorted() == ["one", "three", "two"])
        #expect(set.diagnostics?.description.contains("syscalls/bad.yaml:4: entries[0].call: ") == true)
    }

    @Test("nothing usable, or a directory that is closed, is the end")
    func nothing() throws {
        try own.write("version: 1\nname: base\n", to: "base.yaml")
        #expect(throws: ConfigurationError.self) { try usable() }
    }

    @Test("an image that no description has is an error, where it is said")
    func unknownImages() throws {
        try own.write("version: 1\nname: mine\nextends: other\n", to: "mine.yaml")
        let set = try usable()
        #expect(set.unknownImages(among: ["toy"]) == nil)
        let found = try #require(set.unknownImages(among: ["toi", "tea"])).diagnostics.map(\.description)
        #expect(
            found == [
                shipped.path
                    + "/other.yaml:4: image: found the unknown image \"toy\", allowed tea, toi (did you mean \"toi\"?)"
            ])
    }

    @Test("a file that lies elsewhere is read as if it lay on top")
    func elsewhere() throws {
        let other = try TemporaryDirectory()
        try other.write("version: 1\nname: base\nextends: other\n", to: "base.yaml")
        try own.write(Fixture.base.replacing("name: base", with: "name: good"), to: "good.yaml")
        let set = try PolicySet.usable(directories: [shipped.path, own.path], with: other.path + "/base.yaml")
        #expect(set.broken["base"]?.description.contains("policies in a circle") == true, "\(set.broken)")
    }
}
