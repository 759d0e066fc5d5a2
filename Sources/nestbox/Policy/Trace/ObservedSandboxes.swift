internal import CallTrace
internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import SandboxSpec
internal import SandboxSupply
internal import Synchronization
internal import WardenClient

/// Makes the sandbox of one step an observed one, and leaves those of the others alone.
final class ObservedSandboxes: SandboxSource {
    private struct State {
        var leases = 0
        var observer: CallObserver?
    }

    private let source: any SandboxSource
    /// Which of the sandboxes that are asked for, from 0.
    private let step: Int
    private let state = Mutex(State())

    init(_ source: any SandboxSource, step: Int) {
        self.source = source
        self.step = step
    }

    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        let isMeant = state.withLock { state in
            state.leases += 1
            return state.leases == step + 1
        }
        guard isMeant else { return try await source.lease(spec) }
        var spec = spec
        spec.isObserved = true
        let lease = try await source.lease(spec)
        do {
            guard let observation = lease.sandbox.observation else {
                throw SystemCallError("created", errno: EPROTO, object: "an observed sandbox without an observer")
            }
            // 4096 instructions of 8 bytes at most.
            let bytes = try Files.peek(observation.filter.number, limit: 32_768, name: "filter")
            guard let filter = FilterProgram(bytes: bytes) else {
                throw SystemCallError("created", errno: EINVAL, object: "filter")
            }
            let observer = try CallObserver(listener: observation.listener, filter: filter)
            state.withLock { $0.observer = observer }
        } catch {
            lease.sandbox.giveUp(StageFailure(stage: "observer", errno: EPROTO))
            throw APIError(.internalError, "the sandbox cannot be observed: \(error)")
        }
        return lease
    }

    /// What was observed; nil when the step never began. Call when the run has ended.
    func finish() -> TraceLog? {
        state.withLock { $0.observer.take() }?.finish()
    }
}
