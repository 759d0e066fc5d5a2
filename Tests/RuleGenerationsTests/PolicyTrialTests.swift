import Images
import Policies
import RuleGenerations
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import SandboxSupply
import Synchronization
import TestSupport
import Testing
import WardenProtocol

/// Makes sandboxes that have no more than 256 MiB, and remembers which it was asked for.
private final class SmallMachine: SandboxSource {
    let asked = Mutex<[SandboxSpec]>([])
    private let sandboxes = ScriptedSource(
        bodies: Array(repeating: { _ in SandboxOutcome(verdict: .ok, usage: Usage()) }, count: 8))

    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        asked.withLock { $0.append(spec) }
        guard spec.limits[.memory] <= 268_435_456 else {
            throw APIError(.sandboxFailed, "stage cgroup of the sandbox failed for memory.max: EINVAL")
        }
        return try await sandboxes.lease(spec)
    }
}

@Suite("Policies are tried before they are in force")
struct PolicyTrialTests {
    @Test("what this machine cannot enforce is named with file, line and reason; what it can is not")
    func errors() async throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        try directory.write(SmallPolicy.yaml("default", isDefault: true), to: "policies/default.yaml")
        try directory.write(
            "version: 1\nname: large\nextends: default\nimage: toy\nlimits: {memory: 1GiB}\n", to: "policies/large.yaml"
        )
        try directory.write("version: 1\nname: small\nextends: default\nimage: toy\n", to: "policies/small.yaml")
        try directory.write("version: 1\nname: nobody\nextends: default\nimage: none\n", to: "policies/nobody.yaml")
        try directory.write(
            "version: 1\nname: toy\nroot: {host: true}\nfile: main\nrun: [sh, main]\ncheck: {code: x, stdout: y}\n",
            to: "images/toy/image.yaml")
        let catalog = try RunCatalog(
            images: directory.path + "/images", policies: directory.path + "/policies",
            store: ImageStore(state: directory.path + "/state"))
        let candidate = try catalog.candidate(nil)
        let machine = SmallMachine()
        let policies = candidate.content.policies.policies.values.sorted { $0.name < $1.name }
        let errors = await PolicyTrial(source: machine).errors(of: policies, in: candidate)
        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.contains("policies/large.yaml:1: found rules that cannot be enforced here") == true)
        #expect(errors.first?.contains("memory.max: EINVAL") == true)
        // Equal rules are tried once: default and small.
        #expect(machine.asked.withLock { $0.count } == 2)
        #expect(machine.asked.withLock { $0.allSatisfy { $0.preparation == .none } })
    }
}
