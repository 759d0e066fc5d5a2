internal import CSandbox
internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// The end of sandboxes, zygotes and the warden.
extension Warden {
    /// How long the warden may take to end.
    private static let endTimeout: Int64 = 8_000_000_000

    /// Ends a sandbox, as soon as it is its turn (`EndBrake`). The cause counts if it is the first and the program has not
    /// ended by itself.
    func end(_ sandbox: Sandbox, _ cause: KillCause) { handle(.endRequested(cause), of: sandbox) }

    /// Kills those whose turn it is.
    func killDue() {
        let now = monotonicNow()
        for sandbox in brake.take(at: now) {
            // It may have ended meanwhile.
            guard sandboxes[sandbox.id] === sandbox else { continue }
            let hasForked = sandbox.process.borrowedNumber != nil
            handle(.killTurn(isWardenEnding: isEnding, hasForked: hasForked), of: sandbox, at: now)
        }
    }

    /// One act that nothing outruns: pid 1 takes its pid namespace along; cgroup.kill gets what is being forked.
    func kill(_ sandbox: Sandbox) {
        if let process = sandbox.process.borrowedNumber {
            // ESRCH: it is gone already, and the poller will say so.
            do throws(SystemCallError) { try PidDescriptor.signal(process, SIGKILL) } catch {}
        }
        // Best effort on top of the above; an error here leaves pid 1's death, which suffices.
        do throws(SystemCallError) { try sandbox.leaf.kill() } catch {}
    }

    /// pid 1 has ended, and with it everything in its pid namespace.
    func initExited(_ sandbox: Sandbox) {
        if sandbox.lifecycle.isQuarantined { return handle(.initExited(nil), of: sandbox) }
        drain(sandbox)
        handle(.initExited(measure(sandbox)), of: sandbox)
    }

    /// Nothing more is received from a sandbox, and nothing is held open for it.
    func closeAll(of sandbox: Sandbox) {
        closeStreams(of: sandbox)
        if let process = sandbox.process.borrowedNumber { forget(process, sandbox.tokens.process) }
        sandbox.tokens.process = nil
    }

    /// The same, but its end is still watched for.
    func closeStreams(of sandbox: Sandbox) {
        forget(sandbox.control.number, sandbox.tokens.control)
        if let token = sandbox.tokens.memory { forget(sandbox.leaf.shortageSignal.descriptor, token) }
        sandbox.tokens.control = nil
        sandbox.tokens.memory = nil
        sandbox.disk = nil
        sandbox.terminal = nil
        sandbox.streams = []
        sandbox.channel = []
        sandbox.spawning = [:]
        sandbox.listener = nil
    }

    /// Removes the cgroup, or keeps it for the next sandbox of its kind.
    func remove(_ sandbox: Sandbox) {
        do throws(SystemCallError) {
            let isClean = sandbox.lifecycle.evidence.isCleanExit
            guard try isClean ? parent.recycle(sandbox.leaf) : sandbox.leaf.remove() else {
                throw SystemCallError("unlinkat", errno: EBUSY)
            }
        } catch {
            let failure = StageFailure(stage: "cgroup_remove", errno: error.errno, object: error.object)
            return handle(.removalFailed(failure), of: sandbox)
        }
        handle(.removed, of: sandbox)
    }

    /// The sandbox is over for its client.
    func leave(_ sandbox: Sandbox) {
        timed.remove(sandbox.id)
        sandboxes[sandbox.id] = nil
        handle(.sandboxLeft, of: sandbox.zygote)
    }

    func returnResources(_ sandbox: Sandbox) {
        ids.giveBack(sandbox.hostID)
        slots.giveBack(sandbox.slot, sandbox.endWeight)
        endLoan(of: sandbox)
    }

    // MARK: - The warden itself

    /// No new sandboxes; the living ones are killed. The loop ends when the last is gone.
    func beginEnd() {
        guard !isEnding else { return }
        isEnding = true
        endBy = monotonicNow() + Self.endTimeout
        brake.endEverything()
        for (token, watch) in watches {
            switch watch {
            case .client: forget(client.number, token)
            case .signals: forget(signals.descriptor.number, token)
            default: break
            }
        }
        // A copy: an end may take one off the list.
        for sandbox in Array(sandboxes.values) { end(sandbox, .shutdown) }
    }

    /// When nothing can be waited for any more.
    func endBlindly() {
        for (index, sandbox) in sandboxes.values.enumerated() {
            if index > 0, index % EndLot.size == 0 {
                ListedProcesses.pause(milliseconds: EndLot.milliseconds)
            }
            kill(sandbox)
        }
    }
}

extension CgroupLeaf.ShortageSignal {
    var descriptor: Int32 {
        switch self {
        case .readable(let descriptor), .priority(let descriptor): descriptor
        }
    }

    var interest: Poller.Interest {
        switch self {
        case .readable: .input
        case .priority: .priority
        }
    }
}
