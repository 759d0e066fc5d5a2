import Glibc
import LinuxSystem
import RunModel
import RunTestSupport
import SandboxPool
import SandboxSpec
import TestSupport
import Testing
import WardenClient
import WardenProtocol

@testable import SandboxSupply

/// Sandboxes in which a driver has been started while they were parked.
@Suite struct OpeningTests {
    private func spec() -> SandboxSpec {
        var spec = SandboxSpec(root: .host, limits: .maximum, warnAt: 80, network: .none, syscalls: ["read"])
        spec.hasChannel = true
        return spec
    }

    private func opening(_ variable: String = "A=1") -> SandboxOpening {
        var times = TimeLimits(.maximum)
        times.wall = 7_000_000_000
        return SandboxOpening(job: Job(arguments: ["driver"], environment: [variable]), times: times)
    }

    private func pools(_ source: any SandboxSource, minimum: Int = 1) -> PooledSandboxes {
        let pools = PooledSandboxes(
            source: source, bounds: PoolBounds(builds: 2), pressure: { 0 },
            observer: .init(changed: { _, _ in }, built: { _, _ in }))
        pools.configure([
            PoolDescription(
                policy: "p", image: "i", step: .session, spec: spec(),
                size: PoolSize(minimum: minimum, maximum: 4, weight: 1), opening: opening())
        ])
        return pools
    }

    @Test func aDriverThatIsReadyIsHandedOutAsItIs() async throws {
        let source = ScriptedSource(ScriptedDriver.body { driver, id, _ in driver.done(id) })
        let pools = pools(source)
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        let lease = try #require(pools.claim(spec(), opening: opening()))
        #expect(lease.isOpen && lease.warmth == .parked)
        #expect(source.sandboxes.first?.times?.wall == 7_000_000_000)
        // What it has said is left for whoever leased it.
        let records = try #require(lease.sandbox.channel?.records.number)
        var polled = pollfd(fd: records, events: Int16(POLLIN), revents: 0)
        #expect(poll(&polled, 1, 0) == 1)
        lease.sandbox.kill(.cancelled)
    }

    @Test func whoWantsSomethingElseGetsAnother() async throws {
        let body = ScriptedDriver.body { driver, id, _ in driver.done(id) }
        let pools = pools(ScriptedSource(body, body, body, body))
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        #expect(pools.claim(spec()) == nil)
        #expect(pools.claim(spec(), opening: opening("A=2")) == nil)
        let lease = try await pools.lease(spec(), opening: opening("A=2"))
        #expect(!lease.isOpen)
        #expect(pools.reports.first?.status.parked == 1)
    }

    @Test func aMissIsNotOpenAndCountsAsDemand() async throws {
        let body = ScriptedDriver.body { driver, id, _ in driver.done(id) }
        let pools = pools(ScriptedSource(body, body, body, body, body, body), minimum: 0)
        let lease = try await pools.lease(spec(), opening: opening())
        #expect(!lease.isOpen)
        #expect(await eventually { (pools.reports.first?.status.parked ?? 0) > 0 })
        #expect(pools.claim(spec(), opening: opening())?.isOpen == true)
    }

    @Test func aDriverThatEndsIsNoSandboxToPark() async throws {
        let source = ScriptedSource { program in
            program.write("SyntaxError: line 7\n", to: program.stderr)
            return .exit(1)
        }
        let pools = pools(source)
        #expect(await eventually { pools.reports.first?.status.lastError != nil })
        let reason = try #require(pools.reports.first?.status.lastError)
        #expect(reason.contains("open") && reason.contains("SyntaxError: line 7"), "\(reason)")
        #expect(pools.reports.first?.status.parked == 0)
        #expect(source.sandboxes.first?.killed != nil)
    }

    @Test func aDriverThatSaysNothingIsGivenUp() async throws {
        let source = ScriptedSource { program in
            program.waitForKill()
            return .exit(0)
        }
        let lease = try await source.lease(spec())
        let error = await #expect(throws: APIError.self) { try await lease.opened(with: opening(), milliseconds: 20) }
        #expect(error?.message.contains("open") == true, "\(String(describing: error))")
        #expect(source.sandboxes.first?.killed != nil)
    }
}
