import ConfigurationFiles
import SandboxSpec
import Testing

@testable import Policies

@Suite("Groups of system calls")
struct SyscallGroupTests {
    func diagnostics(_ groups: [String: String]) -> [String] {
        PoliciesTests.diagnostics { () throws(ConfigurationError) in
            _ = try Fixture.set([:], groups: groups.merging(["small": Fixture.group]) { own, _ in own })
        }
    }

    func group(_ name: String, _ entries: String...) -> String {
        "version: 1\nname: \(name)\ndescription: x\nentries:\n" + entries.map { "  - {\($0)}\n" }.joined()
    }

    @Test("include each other")
    func includes() throws {
        let set = try Fixture.set(
            [:],
            groups: [
                "small": Fixture.group, "outer": group("outer", "group: \"@small\", why: x", "call: close, why: y"),
            ])
        #expect(set.groups.calls(in: "@outer") == ["close", "exit_group", "write"])
        #expect(set.groups.calls(in: "outer") == set.groups.calls(in: "@outer"))
        #expect(set.groups.calls(in: "@nothing") == nil)
        #expect(set.groups.names == ["outer", "small"])
    }

    @Test("say what is wrong with an entry")
    func entries() {
        let file = group(
            "g", "call: raed, why: x", "call: io_uring_setup, why: x", "call: read", "group: \"@nix\", why: x",
            "why: x",
            "call: read, group: \"@small\", why: x", "call: write, why: x, because: y", "call: write, why: x",
            "group: small, why: x")
        let found = diagnostics(["g": file])
        let wanted = [
            "5: entries[0].call: found the unknown system call \"raed\"",
            "6: entries[1].call: found \"io_uring_setup\", allowed any system call but",
            "7: entries[2].why: found nothing, allowed text",
            "8: entries[3].group: found the unknown group \"@nix\", allowed @g, @small",
            "9: entries[4]: found an entry that is not one call or one group",
            "10: entries[5]: found an entry that is not one call or one group",
            "11: entries[6].because: found an unknown key, allowed call, group, why",
            "12: entries[7].call: found \"write\" twice, allowed each call once",
            "13: entries[8].group: found the unknown group \"small\", allowed @g, @small (did you mean \"@small\"?)",
        ]
        #expect(found.count == wanted.count)
        for (message, start) in zip(found, wanted) {
            #expect(message.hasPrefix("syscalls/g.yaml:\(start)"), "\(message)")
        }
    }

    @Test("find circles and bottomless chains")
    func circles() {
        let found = diagnostics([
            "a": group("a", "group: \"@b\", why: x"), "b": group("b", "group: \"@a\", why: x"),
        ])
        #expect(
            found == [
                "syscalls/b.yaml:5: entries: found groups in a circle: @a > @b > @a, allowed groups that do not "
                    + "include themselves"
            ])
        var chain = ["g0": group("g0", "call: read, why: x")]
        for index in 1...9 { chain["g\(index)"] = group("g\(index)", "group: \"@g\(index - 1)\", why: x") }
        // In order of names every group is expanded before the next needs it; from the far end nothing is.
        #expect(diagnostics(chain).isEmpty)
        var reversed = ["g9": group("g9", "call: read, why: x")]
        for index in 0...8 { reversed["g\(index)"] = group("g\(index)", "group: \"@g\(index + 1)\", why: x") }
        #expect(diagnostics(reversed).contains { $0.contains("more than 8 groups inside each other") })
    }

    @Test("the table has the calls of x86_64 and the never-list is spelt as the kernel spells it")
    func tables() {
        #expect(KnownSyscalls.names.count == 362)
        #expect(KnownSyscalls.names.isSuperset(of: ["read", "clone3", "futex_waitv", "set_mempolicy_home_node"]))
        // Younger than the headers of the table, or gone before x86_64 had numbers for them.
        let unknown: Set<String> = [
            "umount", "open_tree_attr", "statmount", "listmount", "listns", "landlock_create_ruleset",
            "lsm_get_self_attr",
            "lsm_set_self_attr", "lsm_list_modules",
        ]
        #expect(NeverSyscalls.names.subtracting(KnownSyscalls.names).isSubset(of: unknown))
    }
}
