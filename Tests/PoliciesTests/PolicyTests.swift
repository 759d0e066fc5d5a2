import ConfigurationFiles
import SandboxSpec
import Testing

@testable import Policies

@Suite("Policies")
struct PolicyTests {
    @Test("a complete policy resolves to limits, calls and pool")
    func complete() throws {
        let policy = try Fixture.set([:]).policy(named: "base")
        #expect(policy.limits[.cpu] == 5_000_000_000)
        #expect(policy.limits[.memory] == 268_435_456)
        #expect(policy.limits[.cpus] == 1000)
        #expect(policy.ceiling[.cpu] == 30_000_000_000)
        #expect(policy.ceiling[.wall] == policy.limits[.wall])
        #expect(policy.warnAt == 80)
        #expect(policy.network == .none)
        #expect(policy.syscalls == ["exit_group", "read", "write"])
        #expect(policy.pool == PoolSettings(minimum: 2, maximum: 32, warm: .fork))
        #expect(policy.image == nil && policy.ancestors.isEmpty)
        #expect(policy.location == SourceLocation(file: "base.yaml", line: 1))
    }

    @Test("a child overrides key by key and inherits the rest")
    func extends() throws {
        let policy = try Fixture.policy(
            """
            description: mine
            image: python
            limits: {cpu: 2s, cpus: 0.5}
            ceiling: {memory: 512MiB}
            network: loopback
            syscalls: {deny: [write, io_uring_setup]}
            pool: {warm: boot}
            """)
        #expect(policy.limits[.cpu] == 2_000_000_000 && policy.limits[.cpus] == 500)
        #expect(policy.limits[.wall] == 15_000_000_000)
        #expect(policy.ceiling[.cpu] == 30_000_000_000 && policy.ceiling[.memory] == 536_870_912)
        #expect(policy.network == .loopback && policy.warnAt == 80)
        #expect(policy.syscalls == ["exit_group", "read"])
        #expect(policy.pool == PoolSettings(minimum: 2, maximum: 32, warm: .boot))
        #expect(policy.image == "python" && policy.description == "mine" && policy.ancestors == ["base"])
    }

    @Test("grandchildren inherit from the nearest that says it")
    func chain() throws {
        let set = try Fixture.set([
            "a": "version: 1\nname: a\nextends: base\nimage: python\nlimits: {cpu: 3s}\n",
            "b": "version: 1\nname: b\nextends: a\nlimits: {wall: 20s}\n",
        ])
        let policy = try set.policy(named: "b")
        #expect(policy.limits[.cpu] == 3_000_000_000 && policy.limits[.wall] == 20_000_000_000)
        #expect(policy.ancestors == ["a", "base"] && policy.image == "python")
    }

    @Test("an empty list of calls means none")
    func emptyList() throws {
        #expect(try Fixture.policy("syscalls: {allow: []}").syscalls.isEmpty)
        #expect(try Fixture.policy("syscalls: {deny: []}").syscalls == ["exit_group", "read", "write"])
        #expect(try Fixture.policy("syscalls: {deny: [\"@small\"]}").syscalls == ["read"])
    }

    @Test(
        "every error names the line, the key, what was found and what is allowed",
        arguments: [
            (
                "limits: {cpu: 5}",
                "p.yaml:4: limits.cpu: found \"5\", allowed a number with a unit (ms, s, m or h), such as 1.5s"
            ),
            ("limits:\n  memory: 1MiB", "p.yaml:5: limits.memory: found \"1MiB\", allowed 4MiB to 1024GiB"),
            ("limits: {cpu: 0s}", "p.yaml:4: limits.cpu: found \"0s\", allowed 1ms to 24h"),
            (
                "limits: {cpu: -1s}",
                "p.yaml:4: limits.cpu: found \"-1s\", allowed a number with a unit (ms, s, m or h), such as 1.5s"
            ),
            (
                "limits: {cpu: .nan}",
                "p.yaml:4: limits.cpu: found \".nan\", allowed a number with a unit (ms, s, m or h), such as 1.5s"
            ),
            (
                "limits: {cpu: }",
                "p.yaml:4: limits.cpu: found nothing, allowed a number with a unit (ms, s, m or h), such as 1.5s"
            ),
            (
                "limits: {cpu: [5s]}",
                "p.yaml:4: limits.cpu: found a list of 1, allowed a number with a unit (ms, s, m or h), such as 1.5s"
            ),
            ("limits: 5s", "p.yaml:4: limits: found \"5s\", allowed a mapping (key: value)"),
            (
                "limits: {memroy: 1GiB}",
                "p.yaml:4: limits.memroy: found an unknown key, allowed cpu, wall, idle, memory, stack, "
                    + "processes, output, disk, "
                    + "inodes, file_size, open_files, cpus (did you mean \"memory\"?)"
            ),
            (
                "limit: {cpu: 1s}",
                "p.yaml:4: limit: found an unknown key, allowed version, name, description, image, extends, limits, "
                    + "ceiling, warn_at, network, syscalls, pool, session, workspace (did you mean \"limits\"?)"
            ),
            ("limits: {cpu: 60s}", "p.yaml:4: limits.cpu: found 1m, allowed at most 30s, the ceiling at base.yaml:15"),
            ("ceiling: {cpu: 1s}", "p.yaml:4: ceiling.cpu: found 1s, allowed at least 5s, the limit at base.yaml:4"),
            ("warn_at: 80", "p.yaml:4: warn_at: found \"80\", allowed a whole number with a percent sign, such as 80%"),
            ("warn_at: 0%", "p.yaml:4: warn_at: found \"0%\", allowed 1% to 100%"),
            ("warn_at: 101%", "p.yaml:4: warn_at: found \"101%\", allowed 1% to 100%"),
            (
                "network: lopback",
                "p.yaml:4: network: found \"lopback\", allowed none, loopback or {egress: [host:port, SET]} (did you mean "
                    + "\"loopback\"?)"
            ),
            (
                "network: [none]",
                "p.yaml:4: network: found a list of 1, allowed none, loopback or {egress: [host:port, SET]}"
            ),
            (
                "network: egress",
                "p.yaml:4: network: found \"egress\", allowed none, loopback or {egress: [host:port, SET]}"
            ),
            (
                "image: Python",
                "p.yaml:4: image: found \"Python\", allowed a lower-case letter, then up to 62 of a-z, 0-9, - and _"
            ),
            (
                "image: ../x",
                "p.yaml:4: image: found \"../x\", allowed a lower-case letter, then up to 62 of a-z, 0-9, - and _"
            ),
            (
                "syscalls: {allow: [raed]}",
                "p.yaml:4: syscalls.allow[0]: found the unknown system call \"raed\", allowed a system call of "
                    + "x86_64 or a "
                    + "group such as \"@default\" (did you mean \"read\"?)"
            ),
            (
                "syscalls:\n  allow: [read]\n  deny:\n    - write\n    - nosuchcallanywhere",
                "p.yaml:8: syscalls.deny[1]: found the unknown system call \"nosuchcallanywhere\", allowed a "
                    + "system call of "
                    + "x86_64 or a group such as \"@default\""
            ),
            (
                "syscalls: {allow: [\"@smal\"]}",
                "p.yaml:4: syscalls.allow[0]: found the unknown group \"@smal\", allowed @small (did you mean "
                    + "\"@small\"?)"
            ),
            (
                "syscalls: {allow: [read, ptrace]}",
                "p.yaml:4: syscalls.allow[1]: found \"ptrace\", allowed any system call but those that no "
                    + "sandbox ever gets "
                    + "(docs/policies.md)"
            ),
            (
                "syscalls: {allow: [statmount]}",
                "p.yaml:4: syscalls.allow[0]: found \"statmount\", allowed any system call but those that no "
                    + "sandbox ever "
                    + "gets (docs/policies.md)"
            ),
            ("syscalls: {allow: read}", "p.yaml:4: syscalls.allow: found \"read\", allowed a list"),
            ("syscalls: [read]", "p.yaml:4: syscalls: found a list of 1, allowed a mapping (key: value)"),
            (
                "syscalls: {alow: []}",
                "p.yaml:4: syscalls.alow: found an unknown key, allowed allow, deny (did you mean \"allow\"?)"
            ),
            ("pool: {min: 33}", "p.yaml:4: pool.min: found 33, allowed at most 32, which is pool.max at base.yaml:20"),
            ("pool: {max: 0}", "p.yaml:4: pool.max: found \"0\", allowed a number from 1 to 1024"),
            ("pool: {min: 1025}", "p.yaml:4: pool.min: found \"1025\", allowed a number from 0 to 1024"),
            ("pool: {warm: hot}", "p.yaml:4: pool.warm: found \"hot\", allowed none, boot, fork"),
        ])
    func diagnostics(lines: String, message: String) {
        #expect(Fixture.diagnostics(lines) == [message])
    }
    @Test("all errors of all files are told at once")
    func allAtOnce() {
        let found = PoliciesTests.diagnostics { () throws(ConfigurationError) in
            _ = try Fixture.set([
                "a": "version: 2\nname: b\nextends: base\n",
                "c": "version: 1\nname: c\nextends: base\nlimits: {cpu: 1}\nwarn_at: 1\n",
                "d": "- x\n",
                "e": "name: e\nextends: c\n",
            ])
        }
        #expect(
            found == [
                "a.yaml:1: version: found \"2\", allowed 1",
                "a.yaml:2: name: found \"b\", allowed \"a\", the name of the file",
                "c.yaml:4: limits.cpu: found \"1\", allowed a number with a unit (ms, s, m or h), such as 1.5s",
                "c.yaml:5: warn_at: found \"1\", allowed a whole number with a percent sign, such as 80%",
                "d.yaml:1: found a list of 1, allowed a mapping (key: value)",
                "e.yaml:1: version: found nothing, allowed 1",
            ])
    }

    @Test("an error in a file hides none about what it extends, nor about what can be compared")
    func noPhases() {
        let found = PoliciesTests.diagnostics { () throws(ConfigurationError) in
            _ = try Fixture.set([
                "a": "version: 1\nname: a\nextends: bass\nlimits: {cpu: 1}\n",
                "b": "version: 1\nname: b\nextends: b\nwarn_at: 1\n",
                "c":
                    "version: 1\nname: c\nextends: base\nwarn_at: 1\nlimits: {memory: 2GiB}\nceiling: {memory: 1GiB}\n",
                "d": "version: 1\nname: dd\nextends: a\n",
            ])
        }
        #expect(
            found.sorted() == [
                "a.yaml:3: extends: found the unknown policy \"bass\", allowed b, base, c, d (did you mean \"base\"?)",
                "a.yaml:4: limits.cpu: found \"1\", allowed a number with a unit (ms, s, m or h), such as 1.5s",
                "b.yaml:3: extends: found policies in a circle: b > b, allowed a policy that does not lead back here",
                "b.yaml:4: warn_at: found \"1\", allowed a whole number with a percent sign, such as 80%",
                "c.yaml:4: warn_at: found \"1\", allowed a whole number with a percent sign, such as 80%",
                "c.yaml:5: limits.memory: found 2GiB, allowed at most 1GiB, the ceiling at c.yaml:6",
                "d.yaml:2: name: found \"dd\", allowed \"d\", the name of the file",
            ])
    }

    @Test("what nobody in the chain says is an error, never unlimited")
    func missing() {
        let found = PoliciesTests.diagnostics { () throws(ConfigurationError) in
            _ = try Fixture.set(["lone": "version: 1\nname: lone\nlimits: {cpu: 1s}\n"])
        }
        // However much it is, it is one error.
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("lone.yaml:1: found nothing, here, for limits.wall, limits.memory") == true,
            "\(found)"
        )
        #expect(found.first?.contains(" more, allowed a policy in which nothing is left open") == true, "\(found)")
        let based = PoliciesTests.diagnostics { () throws(ConfigurationError) in
            let base = Fixture.base.replacing("name: base", with: "name: default")
            _ = try Fixture.set(["default": base, "lone": "version: 1\nname: lone\nlimits: {cpu: 1s}\n"])
        }
        #expect(based.first?.hasSuffix("(extends: default says what this file does not)") == true, "\(based)")
        let child = PoliciesTests.diagnostics { () throws(ConfigurationError) in
            _ = try Fixture.set([
                "base": Fixture.base.replacing("  cpus: 1.0\n", with: ""), "p": "version: 1\nname: p\nextends: base\n",
            ])
        }
        #expect(
            child == [
                "base.yaml:1: limits.cpus: found nothing, here, allowed 0.01 to 1024.0",
                "p.yaml:1: limits.cpus: found nothing, here or in \"base\", allowed 0.01 to 1024.0",
            ])
    }

    @Test("extends finds circles, unknown names and chains that are too long")
    func badExtends() {
        func diagnostics(_ parents: [String: String]) -> [String] {
            PoliciesTests.diagnostics { () throws(ConfigurationError) in
                _ = try Fixture.set(
                    Dictionary(
                        uniqueKeysWithValues: parents.map {
                            ($0.key, "version: 1\nname: \($0.key)\nextends: \($0.value)\n")
                        }))
            }
        }
        #expect(
            diagnostics(["a": "a"]) == [
                "a.yaml:3: extends: found policies in a circle: a > a, allowed a policy that does not lead back here"
            ])
        let circle = diagnostics(["a": "b", "b": "c", "c": "a"])
        #expect(circle.contains { $0.contains("found policies in a circle: a > b > c > a") })
        #expect(
            diagnostics(["a": "bass"]) == [
                "a.yaml:3: extends: found the unknown policy \"bass\", allowed base (did you mean \"base\"?)"
            ])
        var chain = ["c0": "base"]
        for index in 1...7 { chain["c\(index)"] = "c\(index - 1)" }
        #expect(diagnostics(chain) == ["c0.yaml:3: extends: found a chain of more than 8 policies, allowed at most 8"])
        chain["c7"] = nil
        #expect(diagnostics(chain).isEmpty)
    }

    @Test("an unknown policy is answered with the ones there are")
    func unknown() throws {
        let set = try Fixture.set([:])
        do throws(UnknownPolicyError) {
            _ = try set.policy(named: "bse")
            Issue.record("found")
        } catch {
            #expect(error.known == ["base"])
            #expect(error.description == "there is no policy \"bse\"; did you mean \"base\"?")
        }
    }
}
