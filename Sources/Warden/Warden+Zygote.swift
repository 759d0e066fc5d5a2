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
            if zygotes.count >= 256 { retireZygote() }
            let zygote = try startZygote(of: kind)
            zygotes[kind] = zygote
            return zygote
        }
        if isOld(zygote), successors[kind] == nil {
            // Without a successor the old one is still better than none.
            do throws(StageFailure) { successors[kind] = try startZygote(of: kind) } catch {}
        }
        return zygote
    }

    /// A fork shares its zygote's memory layout and hash seeds; they change from time to time. The plain one has neither.
    private func isOld(_ zygote: Zygote) -> Bool {
        guard zygote.kind.interpreter != nil, zygote.isReady else { return false }
        let age = monotonicNow() - zygote.startedAt
        return zygote.forks >= configuration.zygoteForks || age >= configuration.zygoteSeconds * 1_000_000_000
    }

    private func startZygote(of kind: ZygoteKind) throws(StageFailure) -> Zygote {
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
        try watch(zygote.socket.number, .zygoteSocket(zygote))
        try watch(zygote.process.number, .zygoteProcess(zygote))
        if !zygote.isReady { booting.append(zygote) }
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

    /// An interpreter says that it has booted.
    func booted(_ zygote: Zygote) {
        guard zygote.output().isEmpty else {
            // A program that starts cold prints it too, each time; or it comes from a module that the program did not load.
            zygote.failureReason = "wrote something while it booted"
            return end(zygote)
        }
        do throws(SystemCallError) {
            // The kernel charges a forked child's first pages to its parent's group, and counts it there for a moment.
            try zygote.leaf?.liftLimits()
        } catch {
            zygote.failureReason = "cannot leave the limits of its boot: \(error.object) (errno \(error.errno))"
            return end(zygote)
        }
        zygote.isReady = true
        zygote.silentSince = monotonicNow()
        booting.removeAll { $0 === zygote }
        guard successors[zygote.kind] === zygote else { return }
        successors[zygote.kind] = nil
        if let old = zygotes.updateValue(zygote, forKey: zygote.kind) {
            old.isRetired = true
            endIfDone(old)
        }
    }

    /// Ends a zygote that has a successor, once the last of its sandboxes is gone: they would be ended with it.
    func endIfDone(_ zygote: Zygote) {
        guard zygote.isRetired, zygote.sandboxes == 0 else { return }
        end(zygote)
    }

    private func end(_ zygote: Zygote) {
        do throws(SystemCallError) { try PidDescriptor.signal(zygote.process.number, SIGKILL) } catch {}
        zygoteExited(zygote)
    }

    /// Makes room by ending the zygote that has been without a sandbox the longest.
    private func retireZygote() {
        let idle = zygotes.values.filter { $0.sandboxes == 0 }.min { $0.idleSince < $1.idleSince }
        if let idle { end(idle) }
    }

    // MARK: - Zygotes that do not answer

    /// A zygote has been asked for this sandbox; nil when no sandbox waits for its answer any more.
    func expect(_ sandbox: Sandbox?, from zygote: Zygote) {
        if zygote.waiting.isEmpty {
            zygote.silentSince = monotonicNow()
            asked.append(zygote)
        }
        zygote.waiting.append(sandbox)
    }

    /// A zygote has answered its oldest request.
    func answered(_ zygote: Zygote) -> Sandbox? {
        zygote.silentSince = monotonicNow()
        let sandbox = zygote.waiting.removeFirst()
        if zygote.waiting.isEmpty { asked.removeAll { $0 === zygote } }
        return sandbox
    }

    /// When the next zygote has had its time, to boot or to answer.
    var zygoteDeadline: Int64? {
        var next: Int64?
        for zygote in booting { next = min(next ?? zygote.bootBy, zygote.bootBy) }
        for zygote in asked {
            guard let deadline = zygote.answerBy else { continue }
            next = min(next ?? deadline, deadline)
        }
        return next
    }

    /// Ends the zygotes that have had their time. At the end of the warden nobody has any: whoever waits is given up.
    func lookAtZygotes(at now: Int64) {
        for zygote in booting where zygote.bootBy <= now {
            zygote.overdue()
            end(zygote)
        }
        // A copy: the end of one takes it off the list.
        for zygote in Array(asked) {
            if isEnding {
                end(zygote)
            } else if let deadline = zygote.answerBy, deadline <= now {
                zygote.overdue()
                end(zygote)
            }
        }
    }

    /// A zygote has died. Its sandboxes are ended, in their turn; each will report. The next request gets a new one.
    func zygoteExited(_ zygote: Zygote) {
        if zygotes[zygote.kind] === zygote { zygotes[zygote.kind] = nil }
        if successors[zygote.kind] === zygote { successors[zygote.kind] = nil }
        booting.removeAll { $0 === zygote }
        asked.removeAll { $0 === zygote }
        for (token, watch) in watches {
            switch watch {
            case .zygoteSocket(let other) where other === zygote: forget(zygote.socket.number, token)
            case .zygoteProcess(let other) where other === zygote: forget(zygote.process.number, token)
            default: break
            }
        }
        do throws(SystemCallError) { try PidDescriptor.signal(zygote.process.number, SIGKILL) } catch {}
        reapLater(zygote.pid)
        if let leaf = zygote.leaf {
            do throws(SystemCallError) {
                if zygote.failureReason == nil, !zygote.isReady, try leaf.oomKills() > 0 {
                    zygote.failureReason = "took more than \(configuration.zygoteMemory >> 20) MiB of memory to boot"
                }
            } catch {}
            abandon(leaf)
        }
        let failure = StageFailure(
            stage: zygote.stage?.name ?? (zygote.isReady ? "zygote" : "zygote_boot"),
            errno: zygote.stage?.errno ?? ECHILD, object: zygote.lastWords())
        zygote.waiting = []
        // A copy: the end of one takes it off the list.
        for sandbox in Array(sandboxes.values) where sandbox.zygote === zygote {
            // Asked for and never born: there is no pid 1 whose end would be noticed.
            handle(.zygoteExited(failure, hasForked: sandbox.tokens.process != nil), of: sandbox)
        }
    }

    /// Ends the zygotes with the warden, which does not wait for one that is stuck.
    func endZygotes() {
        for zygote in Array(zygotes.values) + Array(successors.values) {
            do throws(SystemCallError) { try PidDescriptor.signal(zygote.process.number, SIGKILL) } catch {}
            reapLater(zygote.pid)
        }
        zygotes = [:]
        successors = [:]
        for _ in 0..<1000 where !unreaped.isEmpty {
            reapChildren(at: monotonicNow())
            if !unreaped.isEmpty { ListedProcesses.pause(milliseconds: 1) }
        }
        for child in unreaped.prefix(8) {
            WardenCommand.logError("left behind: zygote \(child.pid), which does not end")
        }
    }
}
