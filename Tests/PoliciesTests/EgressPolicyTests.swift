import ConfigurationFiles
import EgressRules
import SandboxSpec
import Testing

@testable import Policies

@Suite("Egress in policies")
struct EgressPolicyTests {
    private static let set = """
        version: 1
        name: docs
        description: where the documents are
        entries:
          - {host: "docs.example.org:443", why: "the documents"}
          - {host: "*.files.example.org:443", why: "their pictures"}
        """

    private static func parse(_ lines: String, sets: [String: String] = ["docs": set]) throws(ConfigurationError)
        -> PolicySet
    {
        try PolicySet.parse(
            policies: [
                ("base.yaml", Fixture.base), ("p.yaml", "version: 1\nname: p\nextends: base\n\(lines)\n"),
            ], groups: [("syscalls/small.yaml", Fixture.group)],
            networks: sets.sorted { $0.key < $1.key }.map { ("networks/\($0.key).yaml", $0.value) })
    }

    private func wrong(_ lines: String, sets: [String: String] = ["docs": set]) -> [String] {
        diagnostics { () throws(ConfigurationError) in _ = try Self.parse(lines, sets: sets) }
    }

    private func rules(_ texts: String...) throws -> [EgressRule] { try texts.map { try #require(EgressRule($0)) } }

    @Test("hosts, sets, private ranges and bounds") func whole() throws {
        let policy = try Self.parse(
            """
            network:
              egress: ["www.example.org:443", docs, "docs.example.org:443"]
              allow_private: ["10.1.2.0/24:443"]
              connections: 4
              bytes: 10MiB
            """
        ).policy(named: "p")
        let grant = try #require(policy.networks.egress)
        #expect(
            grant.rules.map(\.description) == [
                "www.example.org:443", "docs.example.org:443", "*.files.example.org:443",
            ])
        #expect(grant.privateRanges.map(\.description) == ["10.1.2.0/24:443"])
        #expect(grant.connections == 4 && grant.bytes == 10 << 20)
        #expect(policy.network == .egress && policy.networkCeiling == .egress && policy.networks.sets == ["docs"])
    }

    @Test("a request gets what the policy gives, less of it, and never more") func requests() throws {
        let policy = try Self.parse("network: none\nceiling: {network: {egress: [docs, \"a.example.org:80\"]}}")
            .policy(named: "p")
        #expect(try policy.network(overriding: nil) == GrantedNetwork(.none))
        #expect(try policy.network(overriding: .loopback) == GrantedNetwork(.loopback))
        let all = try policy.network(overriding: .egress)
        #expect(all.egress?.rules.count == 3)
        let some = try policy.network(overriding: .egress, hosts: try rules("x.files.example.org:443"))
        #expect(some.egress?.rules.map(\.description) == ["x.files.example.org:443"])
        #expect(some.egress?.bytes == all.egress?.bytes)
        for wide in ["a.example.org:443", "*.example.org:443", "*:443", "files.example.org:443", "192.0.2.1:443"] {
            let hosts = try rules(wide)
            do throws(NetworkOverrideError) {
                _ = try policy.network(overriding: .egress, hosts: hosts)
                Issue.record("\(wide) was granted")
            } catch {
                #expect(
                    error.description
                        == "network: found \(wide), allowed docs.example.org:443, *.files.example.org:443, "
                        + "a.example.org:80, the ceiling of policy \"p\"")
            }
        }
        let none = try Fixture.set([:]).policy(named: "base")
        #expect(throws: NetworkOverrideError.self) { try none.network(overriding: .egress) }
    }

    @Test("without hosts of its own a request gets the policy's, not the ceiling's") func own() throws {
        let policy = try Self.parse(
            "network: {egress: [\"docs.example.org:443\"]}\nceiling: {network: {egress: [docs], bytes: 2GiB}}"
        ).policy(named: "p")
        #expect(try policy.network(overriding: nil).egress?.rules.count == 1)
        #expect(try policy.network(overriding: .egress).egress?.rules.count == 1)
        let more = try policy.network(overriding: .egress, hosts: try rules("a.files.example.org:443"))
        #expect(more.egress?.bytes == 2 << 30)
    }

    @Test(
        "every mistake has its line and what is allowed",
        arguments: [
            (
                "network: {egress: [\"x:0\"]}",
                "p.yaml:4: network.egress[0]: found \"x:0\", allowed host:port, such as www.example.org:443 or "
                    + "*.example.org:443, or the name of a set"
            ),
            (
                "network: {egress: [dosc]}",
                "p.yaml:4: network.egress[0]: found the unknown set \"dosc\", allowed docs (did you mean \"docs\"?)"
            ),
            (
                "network: {egress: []}",
                "p.yaml:4: network.egress: found an empty list, allowed at least one host:port or set"
            ),
            (
                "network: {egres: [docs]}",
                "p.yaml:4: network.egres: found an unknown key, allowed egress, allow_private, connections, bytes (did you mean "
                    + "\"egress\"?)\np.yaml:4: network.egress: found nothing, allowed a list"
            ),
            (
                "network: {egress: [docs], allow_private: [\"10.0.0.1/8:443\"]}",
                "p.yaml:4: network.allow_private[0]: found \"10.0.0.1/8:443\", allowed range:port, such as 10.1.2.0/24:443 or "
                    + "[fd00:1::/48]:443"
            ),
            (
                "network: {egress: [docs], connections: 0}",
                "p.yaml:4: network.connections: found \"0\", allowed a number from 1 to 256"
            ),
            ("network: {egress: [docs], bytes: 0B}", "p.yaml:4: network.bytes: found \"0B\", allowed 1B to 1024GiB"),
            (
                "network: {egress: [docs]}\nceiling: {network: loopback}",
                "p.yaml:4: network: found egress, allowed at most loopback, the ceiling at p.yaml:5"
            ),
            (
                "network: {egress: [docs]}\nceiling: {network: {egress: [\"docs.example.org:443\"]}}",
                "p.yaml:4: network: found *.files.example.org:443, allowed what is in the ceiling at p.yaml:5"
            ),
            (
                "network: {egress: [docs], bytes: 2GiB}\nceiling: {network: {egress: [docs]}}",
                "p.yaml:4: network: found 2147483648 bytes, allowed what is in the ceiling at p.yaml:5"
            ),
        ])
    func mistakes(lines: String, message: String) {
        #expect(wrong(lines).sorted() == message.split(separator: "\n").map(String.init).sorted())
    }

    @Test("a policy that names a set with an error cannot be used; others can") func brokenSet() throws {
        let bad = "version: 1\nname: docs\ndescription: d\nentries:\n  - {host: \"docs.example.org\", why: w}\n"
        #expect(
            wrong("network: {egress: [docs]}", sets: ["docs": bad]) == [
                "networks/docs.yaml:5: entries[0].host: found \"docs.example.org\", allowed host:port, such as "
                    + "www.example.org:443 or *.example.org:443"
            ])
        for text in [
            "version: 2\nname: docs\ndescription: d\nentries: []", "version: 1\nname: dog\ndescription: d\nentries: []",
            "version: 1\nname: docs\nentries: []", "version: 1\nname: docs\ndescription: d",
            "version: 1\nname: docs\ndescription: d\nentries: [{host: \"a:1\"}]", "[]",
            "version: 1\nname: docs\ndescription: d\nentries: [{host: \"a:1\", why: w}, {host: \"a:1\", why: w}]",
        ] { #expect(!wrong("network: none", sets: ["docs": text]).isEmpty, "\(text)") }
    }

    @Test("the shipped sets are right, and no shipped policy has egress") func shipped() throws {
        let set = try PolicySet.load(directory: Fixture.shipped)
        #expect(set.networks.names == ["package-registries"])
        #expect(set.networks.entries(of: "package-registries")?.allSatisfy { $0.hasSuffix(":443") } == true)
        for policy in set.policies.values { #expect(policy.networkCeiling < .egress, "\(policy.name)") }
    }
}
