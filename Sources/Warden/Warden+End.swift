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

    /// Ends a sandbox now. The cause counts if it is the first and the program has not ended by itself.
    func end(_ sandbox: Sandbox, _ cause: KillCause) {
        switch sandbox.phase {
        case .ending, .removing: return
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
        sandbox.phase = .ending
        timed.remove(sandbox.id)
        kill(sandbox)
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
        drain(sandbox)
        switch sandbox.phase {
        case .removing: return
        case .forking, .preparing, .parked, .running, .collecting, .ending: break
        }
        forget(sandbox.control.number, sandbox.tokens.control)
        if let process = sandbox.process.borrowedNumber { forget(process, sandbox.tokens.process) }
        sandbox.tokens.control = nil
        sandbox.tokens.process = nil
        account(sandbox)
        checkCollection(sandbox)
        if let token = sandbox.tokens.memory {
            forget(sandbox.leaf.shortageSignal.descriptor, token)
            sandbox.tokens.memory = nil
        }
        sandbox.disk = nil
        sandbox.terminal = nil
        sandbox.streams = []
        remove(sandbox, since: monotonicNow())
    }

    /// A program that ended well must not seem to have left fewer files than it did.
    private func checkCollection(_ sandbox: Sandbox) {
        guard sandbox.isCollectionDue, sandbox.evidence.status != nil else { return }
        if sandbox.isCollectionWaived {
            tell(.artifactSkipped(sandbox.id, name: "*", reason: "and more: the run was cancelled while collecting"))
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
            if sandbox.isReported { WardenCommand.complain("sandbox \(sandbox.id): \(failure)") }
            if sandbox.evidence.failure == nil { sandbox.evidence.failure = failure }
        }
        timed.remove(sandbox.id)
        sandboxes[sandbox.id] = nil
        ids.giveBack(sandbox.hostID)
        sandbox.zygote.idleSince = now
        sandbox.zygote.sandboxes -= 1
        if !sandbox.isReported { report(sandbox) }
        endIfDone(sandbox.zygote)
    }

    private func report(_ sandbox: Sandbox) {
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
        for (token, watch) in watches {
            switch watch {
            case .client: forget(client.number, token)
            case .signals: forget(signals.descriptor.number, token)
            default: break
            }
        }
        for sandbox in sandboxes.values { end(sandbox, .shutdown) }
    }

    /// When not even waiting is possible any more.
    func endAllAtOnce() {
        for sandbox in sandboxes.values { kill(sandbox) }
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
