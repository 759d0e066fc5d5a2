import ConfigurationFiles
import TestSupport
import Testing

@testable import Tenants

@Suite("Files of tenants")
struct TenantSetTests {
    private func load(_ files: [String: String]) throws -> TenantSet {
        let directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(text, to: name) }
        return try TenantSet.load(
            directories: [directory.path], languages: ["python", "node"], policies: ["python", "strict"])
    }

    /// The errors of one file, without its directory.
    private func errors(_ text: String) -> [String] {
        do throws(ConfigurationError) {
            let directory: TemporaryDirectory
            do {
                directory = try TemporaryDirectory()
                try directory.write(text, to: "acme.yaml")
            } catch { return ["\(error)"] }
            _ = try TenantSet.load(
                directories: [directory.path], languages: ["python", "node"], policies: ["python", "strict"])
            return []
        } catch {
            return error.diagnostics.map { diagnostic in
                "\(diagnostic.location.line): \(diagnostic.key): found \(diagnostic.found), allowed \(diagnostic.allowed)"
            }
        }
    }

    @Test("a file says all of a tenant, and what it does not say is not bounded")
    func reads() throws {
        let set = try load([
            "acme.yaml": """
            version: 1
            name: acme
            description: The web shop
            keys: [k7m2p9qa, aaaaaaa2]
            languages: [python]
            policies: [strict]
            rate: 120
            concurrent: 4
            queued: 10
            sessions: 2
            weight: 3
            priority: {min: 2, max: 7, default: 3}
            daily: {runs: 100, cpu: 2h, bytes: 1GiB}
            """,
            "small.yaml": "version: 1\nname: small\nkeys: [bbbbbbb2]\n",
        ])
        let acme = set.tenant(ofKey: "k7m2p9qa")
        #expect(acme.name == "acme" && acme.weight == 3 && acme.rate == 120 && acme.concurrent == 4)
        #expect(acme.queued == 10 && acme.sessions == 2 && acme.languages == ["python"] && acme.policies == ["strict"])
        #expect(acme.priorities == 2...7 && acme.priority == 3)
        #expect(acme.daily == Tenant.Daily(runs: 100, cpu: 7_200_000_000_000, bytes: 1_073_741_824))
        let small = set.tenant(ofKey: "bbbbbbb2")
        #expect(small.name == "small" && small.daily == Tenant.Daily() && small.languages == nil && small.weight == 1)
        #expect(set.tenant(ofKey: "zzzzzzz2").name == "default")
        #expect(set.tenant(ofKey: nil).name == "anonymous")
        #expect(set.isConfigured)
        #expect(try !load([:]).isConfigured)
    }

    @Test(
        "a wrong file is an error with its line, the field, the value, and what is allowed",
        arguments: [
            ("version: 2\nname: acme", "1: version: found \"2\", allowed 1"),
            ("version: 1\nname: other", "2: name: found \"other\", allowed \"acme\", the name of the file"),
            ("version: 1\nname: acme\nwieght: 3", "3: wieght: found"),
            ("version: 1\nname: acme\nweight: 0", "3: weight: found \"0\", allowed a number from 1 to 1000"),
            ("version: 1\nname: acme\nkeys: [short]", "3: keys[0]: found \"short\", allowed the id of a key"),
            ("version: 1\nname: acme\nkeys: [k7m2p9qa, k7m2p9qa]", "3: keys[1]: found a key that \"acme\" has already"),
            ("version: 1\nname: acme\nlanguages: [pyhton]", "3: languages[0]: found \"pyhton\", allowed"),
            ("version: 1\nname: acme\npolicies: [none]", "3: policies[0]: found \"none\", allowed"),
            ("version: 1\nname: acme\npriority: {min: 5, max: 2}", "3: priority.max: found 2, allowed at least min"),
            (
                "version: 1\nname: acme\npriority: {min: 5, default: 2}",
                "3: priority.default: found \"2\", allowed a number from 5 to 9"
            ),
            ("version: 1\nname: acme\ndaily: {cpu: -1s}", "3: daily.cpu: found"),
            ("version: 1\nname: acme\ndaily: {cups: 1s}", "3: daily.cups: found"),
        ])
    func rejects(text: String, expected: String) {
        let errors = errors(text)
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix(expected) == true, "\(errors)")
    }

    @Test("a key of two tenants, and keys of the tenant of all others, are errors of the whole set")
    func ownership() throws {
        #expect(throws: ConfigurationError.self) {
            try load([
                "a.yaml": "version: 1\nname: a\nkeys: [k7m2p9qa]\n",
                "b.yaml": "version: 1\nname: b\nkeys: [k7m2p9qa]\n",
            ])
        }
        #expect(throws: ConfigurationError.self) {
            try load(["default.yaml": "version: 1\nname: default\nkeys: [k7m2p9qa]\n"])
        }
        #expect(try load(["default.yaml": "version: 1\nname: default\nweight: 9\n"]).tenant(ofKey: "x").weight == 9)
    }

    @Test("tenants lie beside policies")
    func directories() {
        #expect(
            TenantSet.directories(besides: ["/usr/share/nestbox/policies", "/etc/nestbox/policies/", "mine"])
                == ["/usr/share/nestbox/tenants", "/etc/nestbox/tenants", "tenants"])
    }
}
