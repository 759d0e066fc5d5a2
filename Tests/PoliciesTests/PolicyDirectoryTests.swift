import ConfigurationFiles
import Foundation
import RunModel
import SandboxSpec
import TestSupport
import Testing

@testable import Policies

@Suite("Directories of policies")
struct PolicyDirectoryTests {
    @Test("files that cannot be read are errors, not absences")
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Fixture.base, to: "base.yaml")
        try directory.write(Fixture.group, to: "syscalls/small.yaml")
        try directory.write("version: 1\nname: x\nextends: base\n", to: "x.yml")
        try Data([0x61, 0x3A, 0x20, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: directory.path + "/latin.yaml"))
        try directory.write(String(repeating: "#", count: 300_000), to: "big.yaml")
        try FileManager.default.createDirectory(
            atPath: directory.path + "/directory.yaml", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/lost.yaml", withDestinationPath: directory.path + "/nowhere")
        #expect(mkfifo(directory.path + "/pipe.yaml", 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/zero.yaml", withDestinationPath: "/dev/zero")
        let found = diagnostics { () throws(ConfigurationError) in _ = try PolicySet.load(directory: directory.path) }
        #expect(
            found.map { $0.dropFirst(directory.path.count + 1) } == [
                "big.yaml: this file is larger than 262144 bytes, which is the most",
                "directory.yaml: this is no regular file",
                "latin.yaml: this file is not UTF-8 text",
                "lost.yaml: there is no such file",
                "pipe.yaml: this is no regular file",
                "x.yml: the name has to end in .yaml, not .yml",
                "zero.yaml: this is no regular file",
            ])
    }

    @Test("a directory without policies is an error")
    func empty() throws {
        let directory = try TemporaryDirectory()
        #expect(
            diagnostics { () throws(ConfigurationError) in _ = try PolicySet.load(directory: directory.path) } == [
                "\(directory.path): there are no policies here: no file is named *.yaml"
            ])
        let absent = diagnostics { () throws(ConfigurationError) in
            _ = try PolicySet.load(directory: directory.path + "/no")
        }
        #expect(absent == ["\(directory.path)/no: there is no such directory"])
    }
}

@Suite("Shipped policies")
struct ShippedPolicyTests {
    @Test("load, each for its language")
    func load() throws {
        let set = try PolicySet.load(directory: Fixture.shipped)
        let images = URL(fileURLWithPath: Fixture.shipped).deletingLastPathComponent().appendingPathComponent("images")
        // A version of a language has no policy of its own.
        let languages = try FileManager.default.contentsOfDirectory(atPath: images.path).filter { name in
            let file = images.appendingPathComponent(name + "/image.yaml")
            return try !String(contentsOf: file, encoding: .utf8).contains("\nlanguage: ")
        }
        #expect(languages.count > 10)
        // Terminals are shells of another policy.
        let imageOf = Dictionary(uniqueKeysWithValues: languages.map { ($0, $0) } + [("terminal", "bash")])
        #expect(
            Set(set.policies.keys) == Set(imageOf.keys).union(["default", "workspace"]),
            "each image has a policy of its name")
        for policy in set.policies.values where !["default", "workspace"].contains(policy.name) {
            #expect(policy.image == imageOf[policy.name] && policy.ancestors == ["default"])
            #expect(policy.network == .none && policy.warnAt == 80)
            #expect(policy.syscalls == set.groups.calls(in: "@default"))
        }
        // For any image.
        let workspace = try set.policy(named: "workspace")
        #expect(workspace.image == nil && workspace.ancestors == ["default"] && workspace.network == .loopback)
        #expect(workspace.workspace.limits == .usual)
        let base = try set.policy(named: "default")
        #expect(
            LimitName.allCases.map { LimitText.format(base.limits[$0], of: $0) } == [
                "5s", "15s", "15s", "256MiB", "224MiB", "64", "1MiB", "64MiB", "8192", "64MiB", "256", "1.0",
            ])
        // No limit is one that no request can raise.
        for policy in set.policies.values {
            for name in LimitName.allCases {
                #expect(policy.ceiling[name] > policy.limits[name], "\(name) of \(policy.name)")
            }
            #expect(policy.networkCeiling == .loopback && policy.given.isEmpty)
        }
        #expect(try set.policy(named: "java").limits[.processes] == 256)
    }

    @Test("allow known calls only, and none of the never-list")
    func calls() throws {
        let groups = try PolicySet.load(directory: Fixture.shipped).groups
        for name in groups.names {
            let calls = try #require(groups.calls(in: name))
            #expect(!calls.isEmpty)
            #expect(Set(calls).isSubset(of: KnownSyscalls.names))
            #expect(Set(calls).isDisjoint(with: NeverSyscalls.names))
        }
        let all = Set(try #require(groups.calls(in: "@default")))
        #expect(
            all.isSuperset(of: [
                "execve", "mmap", "openat", "read", "clone", "rt_sigreturn", "restart_syscall", "futex",
            ]))
        #expect(all.isDisjoint(with: ["clone3", "sync", "syncfs", "mq_open", "seccomp", "capset", "setgroups"]))
    }

    @Test("name every call in one group only")
    func disjoint() throws {
        let groups = try PolicySet.load(directory: Fixture.shipped).groups
        let parts = groups.names.filter { $0 != "default" }.flatMap { groups.calls(in: $0) ?? [] }
        #expect(parts.count == Set(parts).count)
        // Watching files tells of other tenants: only a policy that says so gets it.
        let watching = try #require(groups.calls(in: "inotify"))
        #expect(watching.count == 4)
        #expect(Set(parts).subtracting(watching).sorted() == groups.calls(in: "default"))
    }
}
