import ConfigurationFiles
import SandboxSpec
import Testing

@testable import Policies

@Suite("Requests under a policy")
struct PolicyRequestTests {
    @Test("a request may lower anything and raise up to the ceiling")
    func overrides() throws {
        let policy = try Fixture.set([:]).policy(named: "base")
        let limits = try policy.limits(overriding: [.cpu: 30_000_000_000, .wall: 1_000_000, .processes: 1])
        #expect(limits[.cpu] == 30_000_000_000 && limits[.wall] == 1_000_000 && limits[.processes] == 1)
        #expect(limits[.memory] == policy.limits[.memory])
        #expect(try policy.limits(overriding: [:]) == policy.limits)
        let cases: [(LimitName, Int64, String)] = [
            (
                .cpu, 30_000_000_001,
                "limits.cpu: found 30.000000001s, allowed 1ms to 30s, the ceiling of policy \"base\""
            ),
            (.processes, 65, "limits.processes: found 65, allowed 1 to 64, the ceiling of policy \"base\""),
            (.memory, 0, "limits.memory: found 0B, allowed 4MiB to 1GiB, the ceiling of policy \"base\""),
            (.wall, -1, "limits.wall: found -0.000001ms, allowed 1ms to 15s, the ceiling of policy \"base\""),
            (
                .disk, Int64.max,
                "limits.disk: found 9223372036854775807B, allowed 64KiB to 64MiB, the ceiling of policy \"base\""
            ),
        ]
        for (name, asked, message) in cases {
            do throws(LimitOverrideError) {
                _ = try policy.limits(overriding: [name: asked])
                Issue.record("\(name) was granted")
            } catch {
                #expect(error.description == message)
                #expect(error.limit == name && error.asked == asked && error.allowed.upperBound == policy.ceiling[name])
            }
        }
    }

    @Test("limits that nobody gives follow another one, in policies, ceilings and requests")
    func following() throws {
        let loose = Fixture.base.replacing("  idle: 10s\n", with: "").replacing("  file_size: 32MiB\n", with: "")
            .replacing("memory: 1GiB}", with: "memory: 1GiB, wall: 60s, disk: 128MiB}")
        let set = try Fixture.set([
            "base": loose, "child": "version: 1\nname: child\nextends: base\nlimits: {wall: 20s, memory: 64MiB}\n",
            "given":
                "version: 1\nname: given\nextends: base\nlimits: {idle: 3s, stack: 8MiB}\nceiling: {file_size: 4MiB}\n",
        ])
        let base = try set.policy(named: "base")
        #expect(base.limits[.idle] == base.limits[.wall] && base.ceiling[.idle] == base.ceiling[.wall])
        #expect(base.limits[.stack] == 224 << 20 && base.ceiling[.stack] == 896 << 20)
        #expect(base.limits[.fileSize] == 64 << 20 && base.ceiling[.fileSize] == 128 << 20)
        #expect(base.given.isEmpty)
        let child = try set.policy(named: "child")
        #expect(child.limits[.idle] == 20_000_000_000 && child.limits[.stack] == 56 << 20)
        // A request that says wall says idle; one that says both is heard.
        let longer = try child.limits(overriding: [.wall: 30_000_000_000, .memory: 128 << 20, .disk: 1 << 20])
        #expect(longer[.idle] == 30_000_000_000 && longer[.stack] == 112 << 20 && longer[.fileSize] == 1 << 20)
        let both = try child.limits(overriding: [.wall: 30_000_000_000, .idle: 1_000_000_000, .stack: 128 << 20])
        #expect(both[.idle] == 1_000_000_000 && both[.stack] == 128 << 20)
        #expect(throws: LimitOverrideError.self) { try child.limits(overriding: [.stack: 897 << 20]) }
        // What a policy gives stays as it is, and is its own ceiling; what follows stops at a ceiling of its own.
        let given = try set.policy(named: "given")
        #expect(given.given == [.idle, .stack] && given.limits[.fileSize] == 4 << 20)
        #expect(given.ceiling[.idle] == 3_000_000_000 && given.ceiling[.stack] == 8 << 20)
        let asked = try given.limits(overriding: [.wall: 30_000_000_000, .memory: 1 << 30, .disk: 128 << 20])
        #expect(asked[.idle] == 3_000_000_000 && asked[.stack] == 8 << 20 && asked[.fileSize] == 4 << 20)
        // A step with a leader of its own is not held to what the policy gives its programs.
        let step = try given.limits(replacedBy: [.wall: 40_000_000_000, .disk: 32 << 20])
        #expect(step[.idle] == 40_000_000_000 && step[.stack] == 8 << 20 && step[.fileSize] == 32 << 20)
    }

    @Test("all that a policy does not grant is told, in the order of the limits")
    func refusals() throws {
        let policy = try Fixture.set([:]).policy(named: "base")
        let found = policy.refusals(of: [.cpus: 5000, .cpu: 1 << 60, .wall: 1_000_000, .disk: 1 << 40])
        #expect(found.map(\.field) == ["limits.cpu", "limits.disk", "limits.cpus"])
        #expect(found.last?.reason == "found 5.0, allowed 0.01 to 1.0, the ceiling of policy \"base\"")
        #expect(policy.refusals(of: [:]).isEmpty)
    }

    @Test("a request may ask for a network up to the ceiling")
    func networks() throws {
        let closed = try Fixture.set([:]).policy(named: "base")
        #expect(closed.networkCeiling == .none)
        #expect(try closed.network(overriding: nil).access == .none)
        do throws(NetworkOverrideError) {
            _ = try closed.network(overriding: .loopback)
            Issue.record("granted")
        } catch {
            #expect(
                error.description == "network: found loopback, allowed none, the ceiling of policy \"base\"")
        }
        let open = try Fixture.policy("ceiling: {network: loopback}")
        #expect(open.network == .none && open.networkCeiling == .loopback)
        #expect(try open.network(overriding: .loopback).access == .loopback)
        #expect(try open.network(overriding: nil).access == .none)
        let usual = try Fixture.policy("network: loopback")
        #expect(usual.networkCeiling == .loopback)
        #expect(try usual.network(overriding: NetworkAccess.none).access == NetworkAccess.none)
        #expect(
            Fixture.diagnostics("network: loopback\nceiling: {network: none}") == [
                "p.yaml:4: network: found loopback, allowed at most none, the ceiling at p.yaml:5"
            ])
        #expect(
            Fixture.diagnostics("ceiling: {network: all}") == [
                "p.yaml:4: ceiling.network: found \"all\", allowed none, loopback or {egress: [host:port, SET]}"
            ])
        #expect(Fixture.diagnostics("limits: {network: none}").count == 1)
    }
}
