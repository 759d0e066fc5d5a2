internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec

/// The life of zygotes: made when first needed, replaced when old, replaced when dead.
extension Warden {
    /// The zygote for sandboxes of this kind; makes one where there is none. One that has grown old goes on serving until
    /// its successor has booted.
    func zygote(of kind: ZygoteKind) throws(StageFailure) -> Zygote {
        guard let zygote = zygotes[kind] else {
            if zygotes.count >= Self.maximumZygotes { retireZygote() }
            let zygote = try startZygote(of: kind)
            zygotes[kind] = zygote
            return zygote
        }
        if zygote.lifecycle.isOld(at: monotonicNow()), successors[kind] == nil {
            // Without a successor the old one is still better than none.
            do throws(StageFailure) { successors[kind] = try startZygote(of: kind) } catch {}
        }
        return zygote
    }

    func startZygote(of kind: ZygoteKind) throws(StageFailure) -> Zygote {
        try kind.interpreter?.check()
        let library = kind.interpreter == nil ? -1 : try libraryNumber()
        let place = try place(of: kind)
        let zygote: Zygote
        do throws(StageFailure) {
            zygote = try Zygote(
                kind: kind, configuration: configuration, executable: executable.number, library: library,
                place: place, id: ids.zygote)
        } catch {
            if let leaf = place.leaf { abandon(leaf) }
            throw error
        }
        if killerScore < MemoryKiller.last {
            // Not exempt altogether: the limit of its boot has to end it. Gone already: the poller says so.
            do throws(SystemCallError) {
                try Files.write("\(MemoryKiller.last)", to: "/proc/\(zygote.pid)/oom_score_adj")
            } catch {}
        }
        zygote.tokens.socket = try watch(zygote.socket.number, .zygoteSocket(zygote))
        zygote.tokens.process = try watch(zygote.process.number, .zygoteProcess(zygote))
        note(zygote)
        return zygote
    }

    /// Where a zygote is born. An interpreter has a group of its own: modules are loaded there, which may take memory and
    /// start processes.
    private func place(of kind: ZygoteKind) throws(StageFailure) -> ZygotePlace {
        guard kind.interpreter != nil else {
            do throws(SystemCallError) {
                return ZygotePlace(leaf: nil, unified: try parent.openZygoteGroup(), attach: nil)
            } catch {
                throw StageFailure(stage: "zygote_cgroup", errno: error.errno, object: error.object)
            }
        }
        lastGroup += 1
        let leaf = try parent.makeLeaf(id: lastGroup, limits: configuration.zygoteLimits, initProcesses: 0)
        do throws(SystemCallError) {
            return ZygotePlace(leaf: leaf, unified: try leaf.openUnified(), attach: try leaf.openAttachDescriptors())
        } catch {
            abandon(leaf)
            throw StageFailure(stage: "zygote_cgroup", errno: error.errno, object: error.object)
        }
    }

    /// Ends whatever a zygote has left, and removes its group: now, or when that is gone.
    private func abandon(_ leaf: CgroupLeaf) {
        // What fails here goes with the warden's own group.
        do throws(SystemCallError) {
            try leaf.kill()
            if try leaf.remove() { return }
        } catch {}
        leftovers.append((leaf, monotonicNow() + Self.leftoverTimeout))
    }

    private static let leftoverTimeout: Int64 = 5_000_000_000

    /// When groups that could not be removed yet are tried again.
    var leftoverDeadline: Int64? { leftovers.isEmpty ? nil : monotonicNow() + 5_000_000 }

    func removeLeftovers(at now: Int64) {
        leftovers.removeAll { leaf, deadline in
            do throws(SystemCallError) { return try leaf.remove() || deadline <= now } catch { return deadline <= now }
        }
    }

    /// The zygote library. Without it nothing can be booted or forked, but everything can be run.
    func libraryNumber() throws(StageFailure) -> Int32 {
        guard let number = library.borrowedNumber else {
            throw StageFailure(stage: "zygote_library", errno: ENOENT, object: "libnestbox-zygote.so")
        }
        return number
    }

    /// Makes room by ending the zygote that has been without a sandbox the longest.
    private func retireZygote() {
        let idle = zygotes.values.filter { $0.lifecycle.sandboxes == 0 }
            .min { $0.lifecycle.idleSince < $1.lifecycle.idleSince }
        if let idle { handle(.evicted, of: idle) }
    }

    // MARK: - Carrying out what its life asks for

    /// Takes an event into the life of a zygote and carries out what follows from it.
    func handle(_ event: ZygoteLifecycle.Event, of zygote: Zygote, at now: Int64 = monotonicNow()) {
        let actions = zygote.lifecycle.handle(event, at: now)
        note(zygote)
        for action in actions { perform(action, of: zygote) }
    }

    /// Notes whether it must be looked at by time.
    private func note(_ zygote: Zygote) {
        let isNoted = timedZygotes.contains { $0 === zygote }
        if zygote.lifecycle.deadline == nil {
            if isNoted { timedZygotes.removeAll { $0 === zygote } }
        } else if !isNoted {
            timedZygotes.append(zygote)
        }
    }

    private func perform(_ action: ZygoteLifecycle.Action, of zygote: Zygote) {
        switch action {
        case .liftLimits:
            do throws(SystemCallError) { try zygote.leaf?.liftLimits() } catch {
                let reason = "cannot leave the limits of its boot: \(error.object) (errno \(error.errno))"
                return handle(.liftFailed(reason: reason), of: zygote)
            }
            handle(.limitsLifted, of: zygote)
        case .takePlace:
            guard successors[zygote.kind] === zygote else { return }
            successors[zygote.kind] = nil
            if let old = zygotes.updateValue(zygote, forKey: zygote.kind) { handle(.replaced, of: old) }
        case .end(let failure): end(zygote, failure)
        case .reap: handle(hasEnded(child: zygote.pid) ? .reaped : .reapFailed, of: zygote)
        case .leave: break
        }
    }

    /// Kills a zygote and forgets it. Its sandboxes are ended, in their turn; each will report. The next request gets a
    /// new one.
    private func end(_ zygote: Zygote, _ failure: StageFailure) {
        forgetPlace(of: zygote)
        forget(zygote.socket.number, zygote.tokens.socket)
        forget(zygote.process.number, zygote.tokens.process)
        zygote.tokens = (nil, nil)
        do throws(SystemCallError) { try PidDescriptor.signal(zygote.process.number, SIGKILL) } catch {}
        if let leaf = zygote.leaf { abandon(leaf) }
        var failure = failure
        failure.object = zygote.lastWords(failure.object)
        zygote.waiting = []
        // A copy: the end of one takes it off the list.
        for sandbox in Array(sandboxes.values) where sandbox.zygote === zygote {
            // Asked for and never born: there is no pid 1 whose end would be noticed.
            handle(.zygoteExited(failure, hasForked: sandbox.tokens.process != nil), of: sandbox)
        }
    }

    private func forgetPlace(of zygote: Zygote) {
        if zygotes[zygote.kind] === zygote { zygotes[zygote.kind] = nil }
        if successors[zygote.kind] === zygote { successors[zygote.kind] = nil }
        lenders.removeAll { $0 === zygote }
    }

    // MARK: - What happens to it

    /// It has exited, closed its socket or broken the protocol.
    func lost(_ zygote: Zygote) {
        var isOutOfMemory = false
        if zygote.lifecycle.isBooting, let leaf = zygote.leaf {
            do throws(SystemCallError) { isOutOfMemory = try leaf.oomKills() > 0 } catch {}
        }
        handle(.lost(isOutOfMemory: isOutOfMemory), of: zygote)
    }

    /// A zygote has been asked for this sandbox; nil when no sandbox waits for its answer any more.
    func expect(_ sandbox: Sandbox?, from zygote: Zygote) {
        zygote.waiting.append(sandbox)
        handle(.asked, of: zygote)
    }

    /// When the next zygote has had its time, to boot, to answer or to end.
    var zygoteDeadline: Int64? {
        var next: Int64?
        for zygote in timedZygotes {
            guard let deadline = zygote.lifecycle.deadline else { continue }
            next = min(next ?? deadline, deadline)
        }
        return next
    }

    /// Looks at those whose deadline has passed. When the warden ends none has time left: requests that wait are given up.
    func lookAtZygotes(at now: Int64) {
        // A copy: one that is over is taken off the list.
        for zygote in Array(timedZygotes) {
            handle(.deadlinePassed, of: zygote, at: now)
            if isEnding { handle(.wardenEnding, of: zygote, at: now) }
        }
    }

    /// Ends the zygotes with the warden, which does not wait for one that is stuck.
    func endZygotes() {
        for zygote in Array(zygotes.values) + Array(successors.values) + lenders { handle(.evicted, of: zygote) }
        for _ in 0..<1000 where !timedZygotes.isEmpty {
            ListedProcesses.pause(milliseconds: 1)
            lookAtZygotes(at: monotonicNow())
        }
        for zygote in timedZygotes.prefix(8) {
            WardenCommand.logError("left behind: zygote \(zygote.pid), which does not end")
        }
    }
}
