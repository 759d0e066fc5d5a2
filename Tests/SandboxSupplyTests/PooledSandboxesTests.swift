import LinuxSystem
import RunModel
import RunTestSupport
import SandboxPool
import SandboxSpec
import Synchronization
import TestSupport
import Testing
import WardenClient
import WardenProtocol

@testable import SandboxSupply

/// Makes scripted sandboxes and remembers which were asked for.
private final class CountingSource: SandboxSource {
    private let state = Mutex<(specs: [SandboxSpec], sandboxes: [ScriptedSandbox])>(([], []))
    private let lastError: Mutex<Set<String>>

    /// - Parameter failing: kinds of preparation that fail.
    init(failing: Set<String> = []) {
        lastError = Mutex(failing)
    }

    var specs: [SandboxSpec] { state.withLock { $0.specs } }
    var sandboxes: [ScriptedSandbox] { state.withLock { $0.sandboxes } }
    func heal() { lastError.withLock { $0 = [] } }

    static func kind(_ spec: SandboxSpec) -> String {
        switch spec.preparation {
        case .none: "none"
        case .boot: "boot"
        case .fork: "fork"
        }
    }

    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        state.withLock { $0.specs.append(spec) }
        if lastError.withLock({ $0.contains(Self.kind(spec)) }) { throw APIError(.sandboxFailed, "the zygote hangs") }
        do {
            let sandbox = try ScriptedSandbox { _ in .exit(0) }
            state.withLock { $0.sandboxes.append(sandbox) }
            return SandboxLease(sandbox: sandbox, warmth: .cold)
        } catch {
            throw APIError(.internalError, "\(error)")
        }
    }
}

/// Never has one, until it is told that nobody waits any more.
private struct SilentSource: SandboxSource {
    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        do { try await Task.sleep(for: .seconds(600)) } catch {}
        throw APIError(.sandboxFailed, "nobody waits")
    }
}

@Suite("Pooled sandboxes") struct PooledSandboxesTests {
    @Test("a sandbox that never comes is given up, and told as lastError of its pool")
    func buildsHaveADeadline() async throws {
        let pools = PooledSandboxes(
            source: SilentSource(), bounds: PoolBounds(parked: 4, memory: 1 << 30, builds: 1),
            buildTimeout: .milliseconds(50), observer: .init(changed: { _, _ in }, built: { _, _ in }))
        pools.configure([
            .init(
                policy: "p", image: "i", step: .run, spec: try spec("none"),
                size: PoolSize(minimum: 1, maximum: 1, weight: 1))
        ])
        for _ in 0..<1000 where pools.reports.first?.status.lastError == nil {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(pools.reports.first?.status.failed == 1)
        #expect(pools.reports.first?.status.lastError == "nobody waits")
    }

    private let told = Told()

    private final class Told: Sendable {
        let troubles = Mutex<[String?]>([])
    }

    private func spec(_ kind: String) throws -> SandboxSpec {
        var spec = SandboxSpec(
            root: .host, limits: .maximum, warnAt: 80, network: .none, syscalls: ["read", "write"])
        let interpreter = try Interpreter(command: ["python3", "main.py"], environment: [], script: "main.py")
        switch kind {
        case "fork": spec.preparation = .fork(.python, interpreter)
        case "boot": spec.preparation = .boot(interpreter)
        default: break
        }
        return spec
    }

    private func pools(_ source: CountingSource, _ kind: String, minimum: Int = 1) throws -> PooledSandboxes {
        let told = told
        let pools = PooledSandboxes(
            source: source, bounds: PoolBounds(builds: 2), pressure: { 0 },
            observer: PooledSandboxes.Observer(
                changed: { _, lastError in told.troubles.withLock { $0.append(lastError) } }, built: { _, _ in }))
        pools.configure([
            PoolDescription(
                policy: "p", image: "i", step: .run, spec: try spec(kind),
                size: PoolSize(minimum: minimum, maximum: 4, weight: 1))
        ])
        return pools
    }

    @Test(arguments: [("none", WarmStart.parked), ("boot", .boot), ("fork", .fork)])
    func aParkedSandboxIsHandedOutWithItsWarmth(kind: String, warmth: WarmStart) async throws {
        let source = CountingSource()
        let pools = try pools(source, kind)
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        let lease = try await pools.lease(try spec(kind))
        #expect(lease.warmth == warmth)
        #expect(pools.reports.first?.status.leased == 1)
    }

    @Test func aMissForksOnTheSpotWhenThatHasWorkedAndStartsColdOtherwise() async throws {
        let source = CountingSource()
        let pools = try pools(source, "fork", minimum: 0)
        #expect(try await pools.lease(try spec("fork")).warmth == .cold)
        #expect(await eventually { pools.reports.first?.status.built ?? 0 > 0 })
        var warmths: [WarmStart] = []
        for _ in 0..<12 { warmths.append(try await pools.lease(try spec("fork")).warmth) }
        #expect(!warmths.contains(.cold))
        // Another limit, another specification: there is no pool for it, and its interpreter forks all the same.
        var other = try spec("fork")
        other.limits = try Limits.maximum.setting(.memory, to: 64 << 20)
        #expect(try await pools.lease(other).warmth == .fork)
    }

    @Test func aBootIsNeverWaitedFor() async throws {
        let source = CountingSource()
        let pools = try pools(source, "boot", minimum: 0)
        for _ in 0..<20 {
            let lease = try await pools.lease(try spec("boot"))
            #expect(lease.warmth == .cold || lease.warmth == .boot)
        }
    }

    @Test func unhealthyPoolsLetRunsStartColdAndSayWhyOnce() async throws {
        let source = CountingSource(failing: ["fork"])
        let pools = try pools(source, "fork")
        #expect(await eventually { pools.reports.first?.status.lastError != nil })
        #expect(try await pools.lease(try spec("fork")).warmth == .cold)
        #expect(pools.reports.first?.status.lastError == "the zygote hangs")
        source.heal()
        #expect(
            await eventually {
                pools.tick()
                return pools.reports.first?.status.lastError == nil
            })
        #expect(told.troubles.withLock { $0 } == ["the zygote hangs", nil])
    }

    @Test func whatDiedWhileParkedIsNotHandedOut() async throws {
        let source = CountingSource()
        let pools = try pools(source, "none")
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        source.sandboxes.first?.die()
        let lease = try await pools.lease(try spec("none"))
        #expect(lease.sandbox.isAlive)
        source.sandboxes.forEach { $0.die() }
        #expect(
            await eventually {
                pools.tick()
                return source.sandboxes.last?.isAlive == true
            })
    }

    @Test("only what is parked and alive can be claimed, and a claim that fails is no request")
    func claims() async throws {
        let source = CountingSource()
        let pools = try pools(source, "fork", minimum: 2)
        #expect(await eventually { pools.reports.first?.status.parked == 2 })
        #expect(pools.claim(try spec("boot")) == nil)
        let lease = try #require(pools.claim(try spec("fork")))
        #expect(lease.warmth == .fork)
        source.sandboxes.forEach { $0.die() }
        #expect(pools.claim(try spec("fork")) == nil)
        let status = try #require(pools.reports.first?.status)
        #expect(status.misses == 0 && status.hits <= 2 && status.leased == 1)
    }

    @Test("a place in the pool is taken for as long as somebody holds the lease")
    func placesAreReleased() async throws {
        let pools = try pools(CountingSource(), "none")
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        let held = Mutex<SandboxLease?>(nil)
        do {
            let lease = try await pools.lease(try spec("none"))
            #expect(lease.warmth == .parked)
            held.withLock { $0 = lease }
        }
        #expect(pools.reports.first?.status.leased == 1)
        held.withLock { $0 = nil }
        #expect(await eventually { pools.reports.first?.status.leased == 0 })
    }

    @Test("a look at the roots that a reload overtakes does not undo it; without one it is acted upon")
    func rootsDuringAReload() async throws {
        let pools = try pools(CountingSource(), "none")
        func description(_ policy: String, _ kind: String) throws -> PoolDescription {
            PoolDescription(
                policy: policy, image: "i", step: .run, spec: try spec(kind),
                size: PoolSize(minimum: 1, maximum: 4, weight: 1))
        }
        let reloaded = try description("new", "boot")
        // A root that was built again has another key.
        func rebuilt(_ descriptions: [PoolDescription]) throws -> [(key: PoolKey, description: PoolDescription)] {
            try descriptions.map { (key: PoolKey(try spec("fork")), description: $0) }
        }
        let other = try rebuilt([try description("p", "none")])
        pools.lookAtRoots { _ in
            pools.configure([reloaded])
            return other
        }
        #expect(pools.reports.map(\.description.policy) == ["new"])
        let again = try rebuilt([reloaded])
        pools.lookAtRoots { _ in again }
        // Its old sandboxes are gone, with what they had been counted for.
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        #expect(pools.reports.map(\.description.policy) == ["new"])
        #expect(pools.claim(reloaded.spec) == nil)
    }

    @Test("a pool is warming until its rules are in force")
    func warming() async throws {
        let pools = try pools(CountingSource(), "none")
        let next = PoolDescription(
            policy: "next", image: "i", step: .run, spec: try spec("boot"),
            size: PoolSize(minimum: 1, maximum: 4, weight: 1))
        await pools.warm([next])
        #expect(pools.reports.filter(\.isWarming).map(\.description.policy) == ["next"] && pools.reports.count == 2)
        pools.configure([next])
        #expect(pools.reports.map(\.isWarming) == [false])
    }

    @Test func theEndEndsWhatIsParked() async throws {
        let source = CountingSource()
        let pools = try pools(source, "none", minimum: 2)
        #expect(await eventually { pools.reports.first?.status.parked == 2 })
        let task = Task { await pools.run() }
        task.cancel()
        await task.value
        #expect(source.sandboxes.allSatisfy { $0.killed == .cancelled })
    }
}
