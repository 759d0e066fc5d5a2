internal import CSandbox
internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// The end of sandboxes, zygotes and the warden.
extension Warden {
    /// How long an empty cgroup may refuse to be removed before the client is told that something is wrong.
    private static let removalPatience: Int64 = 5_000_000_000

    /// How long a sandbox may take to end once it has been killed, and when everything ends.
    static let killPatience: Int64 = 5_000_000_000
    private static let lastPatience: Int64 = 3_000_000_000
    /// How long the warden may take to end.
    private static let endPatience: Int64 = 8_000_000_000

    /// Ends a sandbox, as soon as it is its turn (`EndBrake`). The cause counts if it is the first and the program has not
    /// ended by itself.
    func end(_ sandbox: Sandbox, _ cause: KillCause) {
        switch sandbox.phase {
        case .ending, .removing, .quarantined: return
        case .forking, .preparing, .parked, .running, .collecting: break
        }
        sandbox.evidence.willKill(cause)
        // Whoever is killed tells nobody how much it had.
        if sandbox.isRunning {
            do throws(SystemCallError) {
                sandbox.ownMemory = max(
                    sandbox.ownMemory, try sandbox.leaf.ownMemory(), try sandbox.leaf.largestResident())
            } catch {}
        }
        // What runs uses up what it may not have; what is parked can wait.
        let isUrgent = sandbox.isRunning
        sandbox.phase = .ending(deadline: nil)
        timed.remove(sandbox.id)
        brake.add(sandbox, isUrgent: isUrgent)
        killDue()
    }

    /// Kills those whose turn it is.
    func killDue() {
        let now = monotonicNow()
        for sandbox in brake.take(at: now) {
            // It may have ended meanwhile.
            guard case .ending = sandbox.phase, sandboxes[sandbox.id] === sandbox else { continue }
            let patience = isEnding ? Self.lastPatience : Self.killPatience
            // One that is not born yet is killed when its zygote answers, which has its own time.
            let isBorn = sandbox.process.borrowedNumber != nil
            let birth = (configuration.zygoteBootSeconds + configuration.zygoteAnswerSeconds) * 1_000_000_000
            sandbox.phase = .ending(deadline: now + patience + (isBorn || isEnding ? 0 : birth))
            sandbox.killedAt = now
            timed.insert(sandbox.id)
            kill(sandbox)
        }
    }

    /// One act that nothing outruns: pid 1 takes its pid namespace along; cgroup.kill gets whoever is being forked.
    func kill(_ sandbox: Sandbox) {
        if let process = sandbox.process.borrowedNumber {
            // ESRCH: it is gone already, and the poller will say so.
            do throws(SystemCallError) { try PidDescriptor.signal(process, SIGKILL) } catch {}
        }
        // Best effort on top of the above; an error here leaves pid 1's death, which suffices.
        do throws(SystemCallError) { try sandbox.leaf.kill() } catch {}
    }

    /// pid 1 has ended, and with it everything in its pid namespace.
    func initIsGone(_ sandbox: Sandbox) {
        if case .quarantined = sandbox.phase {
            // At last. What is left is its cgroup.
            forgetAll(of: sandbox)
            sandbox.phase = .quarantined(retry: monotonicNow())
            return
        }
        drain(sandbox)
        switch sandbox.phase {
        case .removing, .quarantined: return
        case .parked, .running: brake.note(at: monotonicNow())
        case .forking, .preparing, .collecting, .ending: break
        }
        account(sandbox)
        checkCollection(sandbox)
        forgetAll(of: sandbox)
        remove(sandbox, since: monotonicNow())
    }

    /// Nothing more is heard of a sandbox, and nothing is held open for it.
    func forgetAll(of sandbox: Sandbox) {
        forgetWords(of: sandbox)
        if let process = sandbox.process.borrowedNumber { forget(process, sandbox.tokens.process) }
        sandbox.tokens.process = nil
    }

    /// The same, but for its end.
    func forgetWords(of sandbox: Sandbox) {
        forget(sandbox.control.number, sandbox.tokens.control)
        if let token = sandbox.tokens.memory { forget(sandbox.leaf.shortageSignal.descriptor, token) }
        sandbox.tokens.control = nil
        sandbox.tokens.memory = nil
        sandbox.disk = nil
        sandbox.terminal = nil
        sandbox.streams = []
    }

    /// A program that ended well must not seem to have left fewer files than it did.
    func checkCollection(_ sandbox: Sandbox) {
        guard sandbox.isCollectionDue, !sandbox.isReported, sandbox.evidence.status != nil else { return }
        if let reason = sandbox.collectionWaiver {
            tell(.artifactSkipped(sandbox.id, name: "*", reason: reason))
        } else if sandbox.evidence.failure == nil {
            sandbox.evidence.failure = StageFailure(stage: "collect", errno: ECHILD)
        }
    }

    /// The final account: when the program has ended, or else when pid 1 has; before the cgroup goes.
    func account(_ sandbox: Sandbox) {
        guard !sandbox.isAccounted else { return }
        sandbox.isAccounted = true
        do throws(SystemCallError) {
            let sample = try sandbox.sample()
            // A program that ended well met no limit that would have to be told.
            let endedWell = sandbox.evidence.status == .exited(0) && sample.oomKills == 0
            let detail = try sandbox.leaf.detail(limitHits: !endedWell)
            sandbox.evidence.usage = sandbox.usage(sample, detail, at: monotonicNow())
            sandbox.evidence.oomKills = sample.oomKills
            // The kernel takes page cache back before it kills: what was charged then was memory of the processes.
            if sample.oomKills > 0 { sandbox.evidence.usage.memoryPeak = sandbox.evidence.usage.chargedPeak }
            if !endedWell {
                sandbox.evidence.memoryLimitHits = detail.memoryLimitHits
                sandbox.evidence.processLimitHits = detail.processLimitHits
            }
        } catch {
            if sandbox.evidence.failure == nil {
                sandbox.evidence.failure = StageFailure(stage: "account", errno: error.errno, object: error.object)
            }
        }
    }

    /// Tells how a program ended that ended by itself, as soon as nothing of it is left: what remains is to take our own
    /// parts away, for which nobody has to wait.
    func reportEarly(_ sandbox: Sandbox) {
        guard sandbox.evidence.failure == nil, !sandbox.isReported else { return }
        report(sandbox)
    }

    /// Removes the cgroup, now or a little later, then reports the end.
    func remove(_ sandbox: Sandbox, since: Int64) {
        let now = monotonicNow()
        do throws(SystemCallError) {
            guard try sandbox.evidence.isCalm ? parent.recycle(sandbox.leaf) : sandbox.leaf.remove() else {
                throw SystemCallError("unlinkat", errno: EBUSY)
            }
        } catch {
            if now - since < Self.removalPatience {
                // pid 1 leaves its group a moment after its parent could reap it.
                sandbox.phase = .removing(retry: now + min(max(500_000, (now - since) / 2), 50_000_000), since: since)
                timed.insert(sandbox.id)
                // Nobody may be in it any more; somebody who is, is killed again.
                if now - since > 100_000_000 { do throws(SystemCallError) { try sandbox.leaf.kill() } catch {} }
                return
            }
            let failure = StageFailure(stage: "cgroup_remove", errno: error.errno, object: error.object)
            if sandbox.evidence.failure == nil { sandbox.evidence.failure = failure }
            return putIntoQuarantine(sandbox, "its cgroup cannot be removed: \(failure)")
        }
        release(sandbox)
        ids.giveBack(sandbox.hostID)
        slots.giveBack(sandbox.slot)
    }

    /// The sandbox is over for its client.
    func release(_ sandbox: Sandbox) {
        timed.remove(sandbox.id)
        sandboxes[sandbox.id] = nil
        sandbox.zygote.idleSince = monotonicNow()
        sandbox.zygote.sandboxes -= 1
        if !sandbox.isReported { report(sandbox) }
        endIfDone(sandbox.zygote)
    }

    func report(_ sandbox: Sandbox) {
        sandbox.isReported = true
        let judgement = VerdictJudge.judge(sandbox.evidence)
        guard sandbox.isCreated else {
            tell(
                .refused(
                    sandbox.id,
                    sandbox.evidence.failure ?? judgement.failure ?? StageFailure(stage: "cancelled", errno: ECANCELED))
            )
            return
        }
        tell(
            .finished(
                sandbox.id,
                Outcome(
                    verdict: judgement.verdict, status: sandbox.evidence.status, limit: judgement.limit,
                    usage: sandbox.evidence.usage, failure: judgement.failure)))
    }

    // MARK: - The warden itself

    /// No new sandboxes; the living ones are killed. The loop ends when the last is gone.
    func beginEnd() {
        guard !isEnding else { return }
        isEnding = true
        endBy = monotonicNow() + Self.endPatience
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
