internal import RunModel
internal import SandboxSpec
internal import WardenClient
internal import WardenProtocol

/// A sandbox that a pool counts as leased for as long as somebody holds it.
private final class PooledSandbox: Sandbox {
    private let sandbox: any Sandbox
    private let pools: PooledSandboxes
    private let key: PoolKey

    init(_ sandbox: any Sandbox, _ pools: PooledSandboxes, _ key: PoolKey) {
        self.sandbox = sandbox
        self.pools = pools
        self.key = key
    }

    deinit {
        pools.release(key)
    }

    var isAlive: Bool { sandbox.isAlive }

    func nextEvent() async -> SandboxEvent? { await sandbox.nextEvent() }

    func upload(_ path: BoxPath, content: [UInt8], executable: Bool) throws(APIError) {
        try sandbox.upload(path, content: content, executable: executable)
    }

    func start(_ job: Job, times: TimeLimits?) throws(APIError) { try sandbox.start(job, times: times) }

    func kill(_ reason: KillReason) { sandbox.kill(reason) }

    func giveUp(_ failure: StageFailure) { sandbox.giveUp(failure) }

    func signal(_ number: UInt8) { sandbox.signal(number) }

    func resize(_ size: TerminalSize) { sandbox.resize(size) }

    func activity() { sandbox.activity() }

    func probe() { sandbox.probe() }
}

extension SandboxLease {
    /// The same sandbox, counted by a pool.
    func held(by pools: PooledSandboxes, _ key: PoolKey, as warmth: WarmStart) -> SandboxLease {
        SandboxLease(sandbox: PooledSandbox(sandbox, pools, key), streams: streams, warmth: warmth)
    }
}
